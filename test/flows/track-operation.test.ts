import { afterAll, beforeAll, expect, test } from "vitest";
import { tenantId } from "../../src/core/ids.ts";
import { trackOperation, type TrackReply, type TrackSettings } from "../../src/flows/track-operation.ts";
import {
  aConversation,
  HOUR,
  OTHER_TENANT,
  storeBench,
  T0,
  TENANT,
  type StoreBench,
} from "../contracts/store-bench.ts";
import type { People } from "../../src/flows/ports.ts";
import { aFakeGraph } from "../support/a-fake-graph.ts";
import { GLOBAL_GRAPH } from "../support/graphs.ts";
import { sharedDatabase, type SharedDatabase } from "../support/a-database.ts";

let shared: SharedDatabase;
beforeAll(async () => {
  shared = await sharedDatabase();
});
afterAll(() => shared[Symbol.asyncDispose]());
const aBench = async (): Promise<StoreBench> => storeBench(await shared.emptied());

const SETTINGS: TrackSettings = {
  graph: GLOBAL_GRAPH,
  servedTenant: null,
  access: "tenant",
  isLocal: false,
  lifetimeMs: 168 * HOUR,
};
/** More cards than that at once are a mistake, or an attack. */
const MAX_AT_ONCE = 20;
const CHAT = aConversation("chat");
const NO_ANSWER = { kind: "noAnswer", message: "nobody is asked" } as const;
const PEOPLE: People = {
  whoIs: () => Promise.resolve("member"),
  groupIdOf: () => Promise.resolve(null),
};

function track(
  bench: StoreBench,
  text: string,
  settings: Partial<TrackSettings> = {},
  conversation = CHAT,
): Promise<TrackReply> {
  return trackOperation(
    { store: bench.store, graph: aFakeGraph(() => NO_ANSWER), people: PEOPLE, now: () => T0 },
    { ...SETTINGS, ...settings },
    {
      conversation,
      threadId: conversation.id,
      requester: { id: "29:a", name: "A" },
      entraId: null,
      notify: "auto",
      text,
      html: "",
    },
  );
}

const operation = (n: number): string => `/teams('t')/operations('op-${n}')`;
const list = (count: number): string => Array.from({ length: count }, (_, i) => operation(i)).join("\n");

test("what a person pastes is tracked for its lifetime", async () => {
  await using bench = await aBench();
  const reply = await track(bench, `Location: https://graph.microsoft.com/v1.0${operation(1)}`);
  expect(reply).toMatchObject({ kind: "tracked", refused: [], tracked: [{ isNew: true }] });
  const [watch] = await bench.store.openWatches(CHAT.id);
  if (watch === undefined) throw new Error("Nothing is watched.");
  expect(watch).toMatchObject({ createdAt: T0, address: { operation: "op-1" } });
  expect((await bench.watch(watch.id)).expiresAt).toBe(T0 + 168 * HOUR);
});

test("the same operation twice in one message is one watch", async () => {
  await using bench = await aBench();
  const reply = await track(bench, `${operation(1)} /beta${operation(1)} /teams/t/operations/op-1`);
  expect(reply.kind === "tracked" && reply.tracked.length).toBe(1);
});

test("what is no operation is refused by name, the rest is tracked", async () => {
  await using bench = await aBench();
  const reply = await track(bench, `${operation(1)} hello https://evil.example${operation(2)}`);
  expect(reply).toMatchObject({
    kind: "tracked",
    tracked: [{ isNew: true }],
    // Words around it are what a pasted response is full of.
    refused: [{ problem: "unknownHost" }],
  });
});

test("nothing but refusals writes nothing down", async () => {
  await using bench = await aBench();
  expect(await track(bench, "hello")).toMatchObject({ kind: "tracked", tracked: [] });
  expect(await track(bench, "  ")).toEqual({ kind: "nothing" });
  expect(await bench.counts()).toEqual({ operations: 0, watches: 0, conversations: 0, alarms: 0 });
});

test("as many at once as are allowed, and not one more", async () => {
  await using bench = await aBench();
  expect(await track(bench, list(MAX_AT_ONCE + 1))).toEqual({
    kind: "tooMany",
    count: MAX_AT_ONCE + 1,
    max: MAX_AT_ONCE,
  });
  expect((await bench.counts()).watches).toBe(0);
  expect(await track(bench, list(MAX_AT_ONCE))).toMatchObject({ kind: "tracked" });
  expect((await bench.counts()).watches).toBe(MAX_AT_ONCE);
});

test("another tenant's conversation is not served, and nothing of it is kept", async () => {
  await using bench = await aBench();
  const foreign = aConversation("foreign", OTHER_TENANT);
  expect(await track(bench, operation(1), { servedTenant: TENANT }, foreign)).toEqual({
    kind: "foreignTenant",
  });
  expect((await bench.counts()).conversations).toBe(0);
  const served = { servedTenant: tenantId(TENANT.toUpperCase()) };
  expect(await track(bench, operation(1), served)).toMatchObject({ kind: "tracked" });
});
