import { expect, test } from "vitest";
import { describeFault } from "../../src/flows/log-event.ts";

const STATEMENT = "Failed query: select secret\nparams: secret";

test.each([
  ["an error", new TypeError("odd"), "TypeError: odd"],
  ["its causes", new Error("a", { cause: new Error("b", { cause: "c" }) }), "Error: a <- Error: b <- c"],
  [
    "a statement's, without it",
    new Error(STATEMENT, { cause: new Error("gone") }),
    "Error: a statement failed <- Error: gone",
  ],
  [
    "pg-boss's copy of one",
    { message: "Connection terminated", stack: "…", queue: "checks", worker: "1" },
    "Error: Connection terminated",
  ],
  ["pg-boss's copy of a statement's", { message: STATEMENT, stack: STATEMENT }, "Error: a statement failed"],
  ["a text", "gone", "gone"],
  ["nothing", undefined, "undefined"],
])("what is logged of %s", (_, fault, told) => {
  expect(describeFault(fault)).toBe(told);
});
