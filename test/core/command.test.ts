import fc from "fast-check";
import { describe, expect, test } from "vitest";

import { MAX_COMMAND_LENGTH, parseCommand, type Command } from "../../src/core/command.ts";

describe("a message is read as a command", () => {
  test.each<[string, Command]>([
    ["track /teams/a/operations/b", { name: "track", rest: "/teams/a/operations/b" }],
    ["TRACK x", { name: "track", rest: "x" }],
    ["  Track   x  y \n", { name: "track", rest: "x  y" }],
    ["track\nx\ny", { name: "track", rest: "x\ny" }],
    ["track", { name: "track", rest: "" }],
    ["\u00a0track\u00a0x", { name: "track", rest: "x" }],
    ["&nbsp;track&nbsp;x", { name: "track", rest: "x" }],
    ["list", { name: "list" }],
    [" LIST ", { name: "list" }],
    ["list everything", { name: "unknown" }],
    ["status x", { name: "status", rest: "x" }],
    ["status", { name: "status", rest: "" }],
    ["stop x", { name: "stop", rest: "x" }],
    ["stop", { name: "stop", rest: "" }],
    ["stop all", { name: "stopAll" }],
    ["Stop  ALL", { name: "stopAll" }],
    ["stop all of it", { name: "stop", rest: "all of it" }],
    ["stopall", { name: "unknown" }],
    ["alias build", { name: "alias", rest: "build" }],
    ["ALIAS", { name: "alias", rest: "" }],
    ["aliases", { name: "unknown" }],
    ["help", { name: "help" }],
    ["help me please", { name: "help" }],
    ["hello", { name: "unknown" }],
    ["tracking x", { name: "unknown" }],
    ["/teams('a')/operations('b')", { name: "unknown" }],
    ["constructor", { name: "unknown" }],
    ["", { name: "empty" }],
    [" \n\t ", { name: "empty" }],
    ["&nbsp;", { name: "empty" }],
  ])("%j", (text, command) => {
    expect(parseCommand(text)).toEqual(command);
  });

  test("up to the longest message, and not beyond it", () => {
    const longest = `track ${"x".repeat(MAX_COMMAND_LENGTH - 6)}`;
    expect(parseCommand(longest).name).toBe("track");
    expect(parseCommand(`${longest}x`)).toEqual({ name: "tooLong", length: MAX_COMMAND_LENGTH + 1 });
  });
});

test("no text makes it throw, and nothing that a person wrote is lost", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (text) => {
      const command = parseCommand(`track x${text}y`);
      if (command.name !== "track") throw new Error(command.name);
      expect(command.rest).toBe(`x${text}y`.replaceAll("&nbsp;", " "));
      expect(parseCommand(text).name).toMatch(/^\w+$/u);
    }),
  );
});

test.each([" ", "\n", "\u00a0", "&nbsp;", "a ", "track "])(
  "the longest message of %j is read in no time",
  (unit) => {
    const text = unit.repeat(MAX_COMMAND_LENGTH).slice(0, MAX_COMMAND_LENGTH);
    const from = performance.now();
    parseCommand(text);
    parseCommand(`${text.slice(1)}x`);
    parseCommand(`x${text.slice(2)}x`);
    expect(performance.now() - from).toBeLessThan(200);
  },
);
