import fc from "fast-check";
import { expect, test } from "vitest";
import { openApi } from "../../src/api/openapi.ts";
import { CreateWatch, Watch } from "../../src/api/schemas.ts";
import { cloudEvent, watchResource } from "../../src/api/watch-resource.ts";
import { printInstant } from "../../src/core/instants.ts";
import type { ApiWatch } from "../../src/flows/ports.ts";
import { within } from "../sandbox/a-sandbox.ts";
import { aSnapshot, T0 } from "../contracts/store-bench.ts";
import { anApiWatch } from "./an-api-watch.ts";
import { referencesIn, resolved, violations } from "./a-schema-check.ts";

// As whoever reads it gets it.
const document: unknown = JSON.parse(JSON.stringify(openApi()));
const createWatch = resolved(document, "#/components/schemas/CreateWatch");
function entriesOf(value: unknown): readonly (readonly [string, unknown])[] {
  return typeof value === "object" && value !== null ? Object.entries(value) : [];
}

const GOOD = { operation: "/teams('t')/operations('o')", to: { alias: "a" } };

test("it is OpenAPI 3.1, and every reference leads to something", () => {
  expect(within(document, "openapi")).toBe("3.1.0");
  expect(referencesIn(document).length).toBeGreaterThan(10);
  for (const pointer of referencesIn(document)) {
    expect([pointer, typeof resolved(document, pointer)]).toEqual([pointer, "object"]);
  }
});

test("every operation has an id of its own, and every parameter of a path is described", () => {
  const paths = entriesOf(within(document, "paths"));
  expect(paths.map(([path]) => path)).toEqual(["/api/watches", "/api/watches/{id}"]);
  const ids: unknown[] = [];
  for (const [path, item] of paths) {
    for (const method of ["get", "post", "delete", "put", "patch"]) {
      const operation = within(item, method);
      if (operation === undefined) continue;
      ids.push(within(operation, "operationId"));
      const statuses = entriesOf(within(operation, "responses")).map(([status]) => status);
      // Whatever needs a token may be refused for it.
      for (const status of ["401", "403", "429", "503"]) expect(statuses).toContain(status);
    }
    const named = [...path.matchAll(/\{(\w+)\}/gu)].map(([, name]) => name);
    const parameters = within(item, "parameters");
    const described: unknown[] = (Array.isArray(parameters) ? parameters : []).map((each: unknown) =>
      within(each, "name"),
    );
    expect(described).toEqual(named);
  }
  expect(new Set(ids).size).toBe(ids.length);
  expect(within(document, "security")).toEqual([{ entra: [] }]);
});

test("a request of few or all fields is one by the description", () => {
  expect(violations(document, createWatch, GOOD)).toEqual([]);
  const all = {
    operation: "x",
    to: { team: "t", channel: "c" },
    thread: "17",
    requester: "alex@contoso.com",
    notify: "never",
    title: "T",
    link: "https://ci.contoso.com/",
    callbackUrl: "https://hooks.contoso.com/",
    callbackOn: "change",
  };
  expect(violations(document, createWatch, all)).toEqual([]);
  expect(CreateWatch.safeParse(all).success).toBe(true);
});

test.each([
  ["an unknown field", { ...GOOD, more: 1 }],
  ["an unknown field of to", { ...GOOD, to: { alias: "a", more: 1 } }],
  ["two forms of to", { ...GOOD, to: { alias: "a", user: "b" } }],
  ["no form of to", { ...GOOD, to: {} }],
  ["half a form of to", { ...GOOD, to: { team: "t" } }],
  ["no operation", { to: GOOD.to }],
  ["a long title", { ...GOOD, title: "x".repeat(201) }],
  ["an unknown notify", { ...GOOD, notify: "x" }],
  ["a thread with letters", { ...GOOD, thread: "x" }],
  ["null", null],
])("%s is none, by the description as by the check", (_what, body) => {
  expect(violations(document, createWatch, body)).not.toEqual([]);
  expect(CreateWatch.safeParse(body).success).toBe(false);
});

test("what is accepted is one by the description, whatever is left out or added", () => {
  const text = fc.string({ minLength: 1, maxLength: 10 });
  const some = fc.record(
    {
      operation: text,
      to: fc.record(
        { conversation: text, team: text, channel: text, link: text, user: text, alias: text },
        { requiredKeys: [] },
      ),
      thread: fc.oneof(text, fc.nat().map(String)),
      notify: fc.oneof(text, fc.constantFrom("auto", "never")),
      more: text,
    },
    { requiredKeys: [] },
  );
  fc.assert(
    fc.property(some, (body) => {
      // Described lengths are those before the spaces around are cut off.
      if (!CreateWatch.safeParse(body).success) return true;
      return violations(document, createWatch, body).length === 0;
    }),
    { numRuns: 2_000 },
  );
});

const callback = { url: "https://hooks.contoso.com/", on: "end" } as const;

test.each<readonly [what: string, watch: ApiWatch, expected: object]>([
  ["a new one", anApiWatch(), { status: "notStarted", isFinal: false, card: { state: "pending" } }],
  [
    "one that waits at Graph",
    anApiWatch({ state: { snapshot: aSnapshot("waiting"), answeredAt: T0 } }),
    { status: "notStarted", graphStatus: "notStarted" },
  ],
  [
    "one that runs, up to date",
    anApiWatch({
      state: { snapshot: aSnapshot("running", { percent: 40 }), answeredAt: T0 },
      isCardUpToDate: true,
    }),
    { status: "running", graphStatus: "inProgress", percentageComplete: 40, card: { state: "current" } },
  ],
  [
    "one in a word that nobody knows",
    anApiWatch({ state: { snapshot: aSnapshot("unrecognised"), answeredAt: T0 } }),
    { status: "unknown" },
  ],
  ...(["succeeded", "failed", "skipped", "unavailable", "notFound", "forbidden"] as const).map(
    (outcome) =>
      [
        outcome,
        anApiWatch({
          state: { outcome, answeredAt: T0 },
          watch: { closed: { reason: "ended", at: T0 } },
        }),
        { status: outcome, isFinal: true, closeReason: "ended" },
      ] as const,
  ),
  [
    "one that was stopped",
    anApiWatch({ watch: { closed: { reason: "stopped", at: T0 } } }),
    { status: "stopped", isFinal: true },
  ],
  [
    "one that is too old",
    anApiWatch({ watch: { closed: { reason: "expired", at: T0 } } }),
    { status: "expired", isFinal: true },
  ],
  [
    "one whose bot was removed",
    anApiWatch({ watch: { closed: { reason: "removed", at: T0 } }, isConversationGone: true }),
    { closeReason: "removed", isFinal: true, card: { state: "unreachable" } },
  ],
  [
    "one whose card was deleted",
    anApiWatch({ watch: { closed: { reason: "cardLost", at: T0 } }, isCardUpToDate: true }),
    { card: { state: "unreachable" } },
  ],
  ["one with nothing to tell yet", anApiWatch({ callback }), { callback: { state: "waiting", attempts: 0 } }],
  [
    "one with an event on its way",
    anApiWatch({
      callback,
      isCallbackPending: true,
      callbackState: { event: 1, attempts: 3, status: 500, lastTriedAt: T0, isGivenUp: false },
    }),
    {
      callback: {
        ...callback,
        url: "https://hooks.contoso.com/…",
        state: "pending",
        attempts: 3,
        lastStatus: 500,
      },
    },
  ],
  [
    "one that was told",
    anApiWatch({
      callback,
      callbackState: { event: 1, attempts: 0, status: 204, lastTriedAt: T0, isGivenUp: false },
    }),
    { callback: { state: "delivered", lastStatus: 204 } },
  ],
  [
    "one whose receiver was given up",
    anApiWatch({
      callback,
      callbackState: { event: 1, attempts: 34, status: null, lastTriedAt: T0, isGivenUp: true },
    }),
    { callback: { state: "givenUp", attempts: 34, lastStatus: null } },
  ],
])("%s is told as described", (_what, watch, expected) => {
  const body = watchResource(watch);
  expect(body).toMatchObject(expected);
  expect(Watch.strict().safeParse(body).error).toBeUndefined();
  const plain: unknown = JSON.parse(JSON.stringify(body));
  expect(violations(document, resolved(document, "#/components/schemas/Watch"), plain)).toEqual([]);
});

test("an event is a CloudEvent with the watch in it", () => {
  const watch = anApiWatch({ watch: { closed: { reason: "ended", at: T0 } }, state: { outcome: "failed" } });
  const event = cloudEvent("w/1", T0, watch);
  expect(event).toEqual({
    specversion: "1.0",
    id: "w/1",
    source: `/api/watches/${watch.watch.id}`,
    type: "org.opwatch.watch.closed",
    subject: watchResource(watch).operation,
    time: printInstant(T0),
    datacontenttype: "application/json",
    data: watchResource(watch),
  });
  expect(cloudEvent("w/1", T0, anApiWatch())).toMatchObject({ type: "org.opwatch.watch.changed" });
});
