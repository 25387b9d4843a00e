import { describe, expect, test } from "vitest";

import { InFlight } from "../../src/flows/in-flight.ts";

/** Whether a promise is settled, after all that could settle it has run. */
async function isSettled(promise: Promise<unknown>): Promise<boolean> {
  let settled = false;
  void promise.then(() => (settled = true));
  await new Promise((resolve) => {
    setImmediate(resolve);
  });
  return settled;
}

describe("room", () => {
  test("is there at first", async () => {
    expect(await isSettled(new InFlight(1).room())).toBe(true);
  });

  test("is there below the limit, and not at it", async () => {
    const work = Promise.withResolvers<void>();
    const inFlight = new InFlight(10);
    inFlight.add(9, work.promise);
    expect(await isSettled(inFlight.room())).toBe(true);
    inFlight.add(1, work.promise);
    expect(await isSettled(inFlight.room())).toBe(false);
  });

  test("comes back when enough is done", async () => {
    const [heavy, light] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const inFlight = new InFlight(10);
    inFlight.add(12, heavy.promise);
    inFlight.add(10, light.promise);
    const room = inFlight.room();
    light.resolve();
    expect(await isSettled(room)).toBe(false);
    heavy.resolve();
    expect(await isSettled(room)).toBe(true);
  });

  test("comes to all that wait for it", async () => {
    const work = Promise.withResolvers<void>();
    const inFlight = new InFlight(1);
    inFlight.add(1, work.promise);
    const rooms = Promise.all([inFlight.room(), inFlight.room(), inFlight.room()]);
    expect(await isSettled(rooms)).toBe(false);
    work.resolve();
    expect(await isSettled(rooms)).toBe(true);
  });
});

describe("drained", () => {
  test("is at once when nothing runs", async () => {
    expect(await isSettled(new InFlight(1).drained())).toBe(true);
  });

  test("waits for all, also for what was added meanwhile", async () => {
    const [first, second] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const inFlight = new InFlight(10);
    inFlight.add(1, first.promise);
    const drained = inFlight.drained();
    inFlight.add(1, second.promise);
    first.resolve();
    expect(await isSettled(drained)).toBe(false);
    second.resolve();
    expect(await isSettled(drained)).toBe(true);
  });
});
