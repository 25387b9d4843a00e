import { readFileSync } from "node:fs";
import { format, resolveConfig } from "prettier";
import { expect, test } from "vitest";
import { PAGE, renewed } from "./operations-page.ts";

test("docs/operations.md says what the code does; after a change run `npm run docs` and look at what it wrote", async () => {
  const page = readFileSync(PAGE, "utf8");
  const options = await resolveConfig(PAGE);
  const formatted = await format(renewed(page), { ...options, parser: "markdown" });
  expect(page).toBe(formatted);
});
