import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { MINUTE, SECOND } from "../contracts/store-bench.ts";
import { sharedDatabase, type SharedDatabase } from "../support/a-database.ts";
import { aWorld, PER_SECOND, type World } from "./a-world.ts";

let shared: SharedDatabase;
beforeAll(async () => {
  shared = await sharedDatabase();
});
afterAll(() => shared[Symbol.asyncDispose]());

/** A chat's requests a second that are planned with. */
const PER_SECOND_IN_CHAT = 1 / 1.8;
/** As many as the tenant's pace can check within 25 s: all that begin together stand in line. */
const SMALL = { chat: 20, team: 20, own: 560 };

describe("Graph never has to refuse a request", () => {
  test("with 2,000 operations in one tenant, 200 of them in one chat, and each has its fair turns", async () => {
    const minutes = 5;
    await using world = await aWorld(await shared.emptied(), { chat: 200, team: 20, own: 1_780 });
    await world.goOn(minutes * MINUTE);
    expectGoodManners(world);
    const seconds = minutes * 60;
    const inChat = world.checksOf("chat");
    const ofOthers = [...world.checksOf("own"), ...world.checksOf("team")];
    expectFair(inChat, (seconds * PER_SECOND_IN_CHAT) / inChat.length);
    expectFair(ofOthers, (seconds * (PER_SECOND - PER_SECOND_IN_CHAT)) / ofOthers.length);
    expect(world.events.filter(({ event }) => event !== "checks.done")).toEqual([]);
  });

  test("when the process is killed and another one takes over, nothing is asked too early or lost", async () => {
    await using world = await aWorld(await shared.emptied(), SMALL);
    await world.goOn(15 * SECOND + 200);
    const before = world.members.map(({ location }) => world.sandbox.checksOf(location).length);
    world.kill();
    await world.goOn(80 * SECOND);
    expectGoodManners(world);
    const after = world.members.map(({ location }) => world.sandbox.checksOf(location).length);
    const inVain = after.filter((checks, i) => checks <= (before[i] ?? 0));
    expect(inVain).toEqual([]);
  });

  test("when the clock jumps ten minutes ahead and everything is overdue at once", async () => {
    await using world = await aWorld(await shared.emptied(), SMALL);
    await world.goOn(15 * SECOND + 200);
    await world.stall(10 * MINUTE);
    const jumpedAt = world.now();
    await world.goOn(20 * SECOND);
    expectGoodManners(world);
    // The control: it was asked on, at the pace.
    const since = world.members.flatMap(({ location }) =>
      world.sandbox.checksOf(location).filter((at) => at > jumpedAt),
    );
    expect(since.length).toBeGreaterThan(0.9 * 20 * PER_SECOND);
  });

  // Places that were missed together must not be asked for together.
  test.for([400, 1_500])("when the process stands still for %d ms, again and again", async (ms) => {
    await using world = await aWorld(await shared.emptied(), SMALL);
    for (let n = 0; n < 4; n += 1) {
      await world.goOn(3 * SECOND + n * 170);
      await world.stall(ms);
    }
    await world.goOn(3 * SECOND);
    expectGoodManners(world);
  });
});

/** Each as often as its share says, and hardly more. */
function expectFair(checks: readonly number[], share: number): void {
  expect(Math.min(...checks)).toBeGreaterThanOrEqual(Math.floor(share));
  expect(Math.max(...checks) - Math.min(...checks)).toBeLessThanOrEqual(2);
}

function expectGoodManners({ sandbox, members }: World): void {
  expect(sandbox.counts()).toMatchObject({ throttled: 0, early: 0, notFound: 0 });
  const gaps = members.map(({ location }) => shortestGap(sandbox.checksOf(location)));
  expect(Math.min(...gaps)).toBeGreaterThan(30 * SECOND);
}

function shortestGap(instants: readonly number[]): number {
  return Math.min(...instants.slice(1).map((at, i) => at - (instants[i] ?? 0)));
}
