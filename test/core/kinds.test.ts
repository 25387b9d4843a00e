import fc from "fast-check";
import { describe, expect, test } from "vitest";

import { parseAddress, printAddress } from "../../src/core/address.ts";
import { CLOUD_NAMES, CLOUDS, isOfGraph, isOfSomeCloud } from "../../src/core/clouds.ts";
import {
  kindOf,
  KINDS,
  matchKind,
  type PathPart,
  OTHER,
  writePath,
  type Kind,
} from "../../src/core/kinds.ts";
import { STATUS_WORDS } from "../../src/core/snapshot.ts";
import { GLOBAL_GRAPH, graphAt, graphOf } from "../support/graphs.ts";

const ROWS = KINDS.flatMap((kind) => kind.paths.map((path) => [kind.name, path, kind] as const));

/** Ids for each of a path's names in braces, and the keys that the path then has. */
function filled(path: string): { readonly slashed: string; readonly keyed: string; readonly ids: string[] } {
  const ids: string[] = [];
  const next = (): string => {
    ids.push(`Id.${ids.length}:x`);
    return ids.at(-1) ?? "";
  };
  const slashed = path.replaceAll(/\{\w+\}/gu, next);
  return { slashed, keyed: ids.reduce((text, id) => text.replace(`/${id}`, `('${id}')`), slashed), ids };
}

function partsOf(path: string): readonly PathPart[] {
  return path
    .slice(1)
    .split("/")
    .map((text) => ({ text, role: "either" }));
}

describe("every path of every kind", () => {
  test.each(ROWS)("%s: %s is read in both key styles, in any case", (name, path, kind) => {
    const { slashed, keyed, ids } = filled(path);
    const shouted = path.replaceAll(/\/[a-z]+/giu, (part) => part.toUpperCase());
    for (const text of [slashed, keyed, `/beta${slashed}`, filled(shouted).slashed]) {
      const version = text.startsWith("/beta") || kind.version === "beta" ? "beta" : "v1.0";
      expect(parseAddress(text, GLOBAL_GRAPH)).toMatchObject({
        ok: true,
        address: { kind: name, operation: ids.at(-1), version },
      });
    }
  });

  test.each(ROWS)("%s: %s has its owner and its ids, and no person", (_, path) => {
    const parts = partsOf(path);
    const match = matchKind(parts);
    const personal = /^\/(?:me|users)\//u.test(path);
    expect(match?.owner).toBe(path.includes("{owner}") ? "{owner}" : null);
    expect(match?.operation).toBe("{operation}");
    expect(match?.ids).not.toContain("{user}");
    expect(match?.isPersonal).toBe(personal);
  });

  test.each(ROWS)("%s: one name less or more than %s is another thing", (_, path) => {
    const parts = partsOf(path);
    expect(matchKind(parts.slice(0, -1))).toBeNull();
    expect(matchKind([...parts, { text: "x", role: "either" }])).toBeNull();
    expect(
      matchKind(parts.map((part, index) => (index === 0 ? { ...part, text: `${part.text}x` } : part))),
    ).toBeNull();
  });

  test.each(ROWS)("%s: %s under the person's own paths is asked for without the person", (name, path) => {
    const result = parseAddress(filled(path).slashed, GLOBAL_GRAPH);
    if (!result.ok) throw new Error(result.problem);
    expect(result.address.path.startsWith("/me/") || result.address.path.startsWith("/users/")).toBe(false);
    expect(parseAddress(printAddress(result.address), GLOBAL_GRAPH)).toEqual(result);
    expect(result.address.key.startsWith(`${name}/`)).toBe(true);
  });

  test("the same operation has one key, whoever's path it was pasted with", () => {
    const keys = [
      "/chats/19:a@thread.v2/operations/b",
      "/me/chats/19:a@thread.v2/operations/b",
      "/users/alex@contoso.com/chats('19%3Aa%40thread.v2')/operations('b')",
    ].map((text) => {
      const result = parseAddress(text, GLOBAL_GRAPH);
      return result.ok ? [result.address.key, result.address.version] : result;
    });
    expect(new Set(keys.map(String))).toEqual(new Set(["chat/19:a@thread.v2/b,beta"]));
  });
});

describe("a kind's description", () => {
  test("names and first paths are all different", () => {
    expect(new Set(KINDS.map(({ name }) => name)).size).toBe(KINDS.length);
    expect(new Set(ROWS.map(([, path]) => path)).size).toBe(ROWS.length);
  });

  test.each([...KINDS, OTHER].map((kind) => [kind.name, kind] as const))("%s is whole", (name, kind) => {
    expect(kindOf(name)).toBe(kind);
    expect(kind.page).toMatch(/^https:\/\/learn\.microsoft\.com\//u);
    expect(kind.permissions.page).toMatch(/^https:\/\/learn\.microsoft\.com\//u);
    expect(kind.clouds.length).toBeGreaterThan(0);
    for (const path of kind.paths) expect(path).toMatch(/^(?:\/(?:[a-zA-Z]+|\{[a-z]+\}))+$/u);
    for (const path of kind.paths) expect(path.endsWith("/{operation}")).toBe(true);
    expect(kind.fields.type.length).toBeGreaterThan(0);
    expect(kind.permissions.application.length > 0).toBe(kind.name !== "other");
  });

  test("every status that is documented has a meaning, or is known to have none", () => {
    const none = ["invalid", "unknownFutureValue", "unspecified"];
    for (const status of KINDS.flatMap(({ statuses }) => statuses)) {
      expect([...STATUS_WORDS, ...none.map((word) => word.toLowerCase())]).toContain(status.toLowerCase());
    }
  });

  test("a name that nobody gave is another operation", () => {
    expect(kindOf("other")).toBe(OTHER);
  });
});

describe("clouds", () => {
  test.each(KINDS.map((kind) => [kind.name, kind] as const))(
    "%s is refused where it does not exist",
    (_, kind) => {
      const { slashed } = filled(kind.paths[0] ?? "");
      for (const cloud of CLOUD_NAMES) {
        const result = parseAddress(slashed, graphOf(cloud));
        expect(result.ok ? "none" : result.problem).toBe(kind.clouds.includes(cloud) ? "none" : "notInCloud");
      }
    },
  );

  test("an address is of the Graph that is asked, or of another cloud, or of none", () => {
    for (const name of CLOUD_NAMES) {
      const { graphOrigin } = CLOUDS[name];
      expect(isOfSomeCloud(graphOrigin.toUpperCase())).toBe(true);
      for (const other of CLOUD_NAMES) expect(isOfGraph(graphOrigin, graphOf(other))).toBe(name === other);
    }
    expect(isOfSomeCloud("https://graph.microsoft.com.evil.example")).toBe(false);
    expect(isOfGraph("https://evil.example", GLOBAL_GRAPH)).toBe(false);
    expect(isOfGraph("HTTP://LocalHost:3979", graphAt("http://localhost:3979"))).toBe(true);
  });

  test("every cloud's addresses are https, and its tokens come from Microsoft", () => {
    for (const name of CLOUD_NAMES) {
      expect(CLOUDS[name].graphOrigin).toMatch(
        /^https:\/\/[a-z-]*graph\.(?:microsoft\.(?:com|us)|chinacloudapi\.cn)$/u,
      );
      expect(CLOUDS[name].authorityHost).toMatch(/^https:\/\/login\.[a-z.]+$/u);
    }
  });
});

describe("anything else on Graph that ends in an operation", () => {
  test.each<[string, string]>([
    [
      "/security/cases/ediscoverycases('4c551bc5')/operations('698514cc')",
      "other/security/cases/ediscoverycases/4c551bc5/operations/698514cc",
    ],
    ["/drives/b!x/items/01ABC/workbook/operations/1", "other/drives/b!x/items/01ABC/workbook/operations/1"],
    ["/users/alex/onenote/operations/1-a", "other/users/alex/onenote/operations/1-a"],
    ["/planner/plans/x/copyPlanOperations/1", "other/planner/plans/x/copyplanoperations/1"],
    ["/dataPolicyOperations/1", "other/datapolicyoperations/1"],
    ["/communications/calls/a/operations/b", "other/communications/calls/a/operations/b"],
    ["/v1.0/newThings/a/operations/b", "other/newthings/a/operations/b"],
    ["https://graph.microsoft.com/beta/newThings/operations/b", "other/newthings/operations/b"],
  ])("%s", (text, key) => {
    expect(parseAddress(text, GLOBAL_GRAPH)).toMatchObject({
      ok: true,
      address: { kind: "other", owner: null, key },
    });
  });

  test.each([
    "/newThings/a/operations/b",
    "/v1.0/operations/b",
    "/operations/b",
    "/teams/a/operations",
    "/security/a/operations/$entity",
    "/v1.0/x9/a/operations/b",
    "/v1.0/a/cooperation/b",
  ])("%s is none", (text) => {
    expect(parseAddress(text, GLOBAL_GRAPH).ok).toBe(false);
  });

  test("an @odata.context's end is no operation's id, of a known kind either", () => {
    expect(parseAddress("/teams('a')/operations/$entity", GLOBAL_GRAPH).ok).toBe(false);
  });

  test("keeps what routes it, and neither OData's options nor a secret", () => {
    const query =
      "?aadgdc=DUB02P&aadgsu=ssprprod-a&$select=id&$filter=x&token=abc&access_token=abc&sig=abc&code=abc&apiKey=abc&x y=1&a=b'c";
    expect(parseAddress(`/security/x/operations/1${query}`, GLOBAL_GRAPH)).toMatchObject({
      ok: true,
      address: { path: "/security/x/operations/1?aadgdc=DUB02P&aadgsu=ssprprod-a", operation: "1" },
    });
    expect(parseAddress(`/teams/a/operations/1${query}`, GLOBAL_GRAPH)).toMatchObject({
      ok: true,
      address: { path: "/teams/a/operations/1" },
    });
  });
});

describe("writePath", () => {
  const anId = fc.oneof(
    fc.uuid(),
    fc.stringMatching(/^19:[0-9a-f]{1,20}@thread\.v2$/u),
    fc.string({
      unit: fc.constantFrom(...Array.from("ab019-_.:@,;=~+!*$'%()[]|üé漢\u{1f600}&")),
      minLength: 1,
      maxLength: 20,
    }),
  );

  test("what is written is read back with the same ids", () => {
    const aKind: fc.Arbitrary<Kind> = fc.constantFrom(...KINDS);
    fc.assert(
      fc.property(aKind, fc.array(anId, { minLength: 3, maxLength: 3 }), (kind, three) => {
        fc.pre(!three.some((id) => id === "." || id === ".." || id.includes("...")));
        const ids = three.slice(0, (kind.paths[0] ?? "").split("{").length - 1);
        const result = parseAddress(writePath(kind, ids), GLOBAL_GRAPH);
        const guid = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/iu;
        const canonical = ids.map((id) => (guid.test(id) ? id.toLowerCase() : id));
        expect(result).toMatchObject({
          ok: true,
          address: { kind: kind.name, operation: ids.at(-1), key: [kind.name, ...canonical].join("/") },
        });
      }),
      { numRuns: 2_000 },
    );
  });

  test("half a character does not make it throw", () => {
    expect(() => writePath(kindOf("team"), ["\ud800", "\udc00x"])).not.toThrow();
    expect(() => writePath(kindOf("team"), [])).not.toThrow();
  });
});
