import fc from "fast-check";
import { expect, test } from "vitest";
import { createRateLimit } from "../../src/api/rate-limit.ts";
import { T0 } from "../contracts/store-bench.ts";

test("twice as many as in a second at once, then as many as in a second", () => {
  const limit = createRateLimit(10);
  const first = Array.from({ length: 25 }, () => limit("ci", T0));
  expect(first.filter((wait) => wait === null)).toHaveLength(20);
  expect(first.at(-1)).toBe(100);
  const next = Array.from({ length: 25 }, () => limit("ci", T0 + 1_000));
  expect(next.filter((wait) => wait === null)).toHaveLength(10);
});

test("who waits as long as was said is let in, and who is refused pays nothing", () => {
  const limit = createRateLimit(1);
  for (let n = 0; n < 2; n += 1) expect(limit("ci", T0)).toBeNull();
  for (let n = 0; n < 50; n += 1) expect(limit("ci", T0)).toBe(1_000);
  expect(limit("ci", T0 + 999)).toBe(1);
  expect(limit("ci", T0 + 1_000)).toBeNull();
});

test("each caller has their own", () => {
  const limit = createRateLimit(1);
  for (const caller of ["a", "b", "a", "b"]) expect(limit(caller, T0)).toBeNull();
  expect(limit("a", T0)).not.toBeNull();
  expect(limit("c", T0)).toBeNull();
});

test("the longest idle are forgotten, not those who send now", () => {
  const limit = createRateLimit(1);
  expect(limit("busy", T0)).toBeNull();
  for (let n = 0; n < 9_999; n += 1) limit(`caller ${n}`, T0);
  expect(limit("busy", T0)).toBeNull();
  limit("one more", T0);
  expect(limit("busy", T0)).not.toBeNull();
});

test("in no window more pass than the burst and what the pace allows", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 50 }),
      fc.array(fc.integer({ min: 0, max: 200 }), { maxLength: 300 }),
      (perSecond, steps) => {
        const limit = createRateLimit(perSecond);
        let at = T0;
        const passed: number[] = [];
        for (const step of steps) {
          at += step;
          if (limit("ci", at) === null) passed.push(at);
        }
        for (const [index, from] of passed.entries()) {
          for (const [more, to] of passed.slice(index).entries()) {
            if (more + 1 > 2 * perSecond + ((to - from) / 1000) * perSecond + 1e-6) return false;
          }
        }
        return true;
      },
    ),
  );
});
