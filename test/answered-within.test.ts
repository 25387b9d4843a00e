import { expect, test } from "vitest";
import { answeredWithin } from "../src/answered-within.ts";

test("an answer in time is one, and a refusal keeps its reason", async () => {
  await expect(answeredWithin(60_000, Promise.resolve())).resolves.toBeUndefined();
  await expect(answeredWithin(60_000, Promise.reject(new Error("refused")))).rejects.toThrow("refused");
});

test("who is asked and stays silent is given up, and what it says later disturbs nobody", async () => {
  const asked = Promise.withResolvers<void>();
  await expect(answeredWithin(10, asked.promise)).rejects.toThrow(
    "The database has not answered for 0.01 s.",
  );
  asked.reject(new Error("too late"));
  await new Promise(setImmediate);
});
