import { readFileSync } from "node:fs";

import fc from "fast-check";
import { describe, expect, test } from "vitest";

import { parseAddress, printAddress, type Address, type AddressProblem } from "../../src/core/address.ts";
import { findAddresses } from "../../src/core/find-addresses.ts";
import { graphAt } from "../support/graphs.ts";

const GRAPH = "https://graph.microsoft.com";
const SANDBOX = "http://127.0.0.1:3979";
const TEAM = "dbd8de4f-5d47-48da-87f1-594bed003375";
const OPERATION = "3a6fdce1-c261-48bc-89de-1cfef658c0d5";
const KEYED = `/teams('${TEAM}')/operations('${OPERATION}')`;
const SLASHED = `/teams/${TEAM}/operations/${OPERATION}`;
const KEY = `team/${TEAM}/${OPERATION}`;
const CHAT =
  "/chats('19:82fe7758-5bb3-4f0d-a43f-e555fd399c6f_bfb5bb25-3a8d-487d-9828-7875ced51a30@unq.gbl.spaces')" +
  "/operations('2432b57b-0abd-43db-aa7b-16eadd115d34-861f06db-0208-4815-b67a-965df0d28b7f')";

function addressOf(text: string, origin = GRAPH): Address {
  const result = parseAddress(text, graphAt(origin));
  if (!result.ok) throw new Error(`${text} was refused: ${result.problem}`);
  return result.address;
}

function problemOf(text: string, origin = GRAPH): AddressProblem | "none" {
  const result = parseAddress(text, graphAt(origin));
  return result.ok ? "none" : result.problem;
}

/** The fixture's words for kinds, as the kinds are called here; null is refused. */
const KIND_OF_ROW: Readonly<Record<string, string | null>> = {
  team: "team",
  chat: "chat",
  engagement: "engagement",
  "rich-lro": "site",
  ediscovery: "other",
  "auth-lro": null,
};

describe("the locations in Microsoft's documentation and in clients' code", () => {
  const rows = readFileSync(new URL("../fixtures/location-headers.tsv", import.meta.url), "utf8")
    .trim()
    .split("\n")
    .slice(1)
    .map((line) => line.split("\t"))
    .map(([header = "", value = "", expected = "", kind = ""]) => ({ header, value, expected, kind }));

  test("are all here", () => {
    expect(rows).toHaveLength(27);
    expect(new Set(rows.map(({ expected }) => expected))).toEqual(
      new Set(["operation", "not-an-operation", "placeholder", "reject-host"]),
    );
  });

  const operations = rows.filter(({ expected }) => expected === "operation");

  test.each(operations.filter(({ kind }) => KIND_OF_ROW[kind] !== null))(
    "$kind: $value is an operation",
    ({ value, kind }) => {
      expect(parseAddress(value, graphAt(GRAPH))).toMatchObject({
        ok: true,
        address: { kind: KIND_OF_ROW[kind] },
      });
    },
  );

  test.each(operations.filter(({ kind }) => KIND_OF_ROW[kind] === null))(
    "$kind: $value is refused for what it is, and not repeated",
    ({ value }) => {
      expect(parseAddress(value, graphAt(GRAPH))).toEqual({ ok: false, problem: "authentication", text: "" });
    },
  );

  test.each(rows.filter(({ header }) => /location$/iu.test(header)))(
    "$value is read the same with $header: in front",
    ({ header, value }) => {
      const result = parseAddress(value, graphAt(GRAPH));
      const found = findAddresses(`${header}: ${value}`, graphAt(GRAPH));
      expect(found).toEqual({
        addresses: result.ok ? [result.address] : [],
        nearMisses: result.ok ? [] : [result],
        bareIds: [],
      });
    },
  );

  test.each(rows.filter(({ expected }) => expected === "placeholder"))(
    "$value asks for the real value",
    ({ value }) => {
      expect(problemOf(value)).toBe("placeholder");
    },
  );

  test.each(rows.filter(({ expected }) => expected === "reject-host"))(
    "$value is a secret, and not repeated",
    ({ value }) => {
      expect(parseAddress(value, graphAt(GRAPH))).toEqual({ ok: false, problem: "copyMonitor", text: "" });
    },
  );

  test.each(rows.filter(({ expected }) => expected === "not-an-operation"))(
    "$value is no operation",
    ({ value }) => {
      expect(problemOf(value)).toMatch(/^(?:notAnOperation|metadata|target|placeholder)$/u);
    },
  );
});

describe("one operation in many spellings", () => {
  test.each([
    ["keys in parentheses", KEYED],
    ["keys as segments", SLASHED],
    ["mixed, owner in parentheses", `/teams('${TEAM}')/operations/${OPERATION}`],
    ["mixed, owner as a segment", `/teams/${TEAM}/operations('${OPERATION}')`],
    ["parentheses without quotes", `/teams(${TEAM})/operations(${OPERATION})`],
    ["by its group", `/groups('${TEAM}')/team/operations('${OPERATION}')`],
    ["by its group, as segments", `/groups/${TEAM}/team/operations/${OPERATION}`],
    ["without the first slash", KEYED.slice(1)],
    ["v1.0", `/v1.0${KEYED}`],
    ["beta", `/beta${KEYED}`],
    ["absolute", `${GRAPH}/v1.0${KEYED}`],
    ["absolute, beta", `${GRAPH}/beta${SLASHED}`],
    ["absolute without a version", `${GRAPH}${KEYED}`],
    ["a host in capitals", `HTTPS://Graph.Microsoft.COM/v1.0${KEYED}`],
    ["names in another case", `/V1.0/Teams('${TEAM}')/OPERATIONS('${OPERATION}')`],
    ["GUIDs in capitals", `/teams('${TEAM.toUpperCase()}')/operations('${OPERATION.toUpperCase()}')`],
    ["doubled slashes", `${GRAPH}/v1.0//teams/${TEAM}//operations///${OPERATION}`],
    ["a slash at the end", `${SLASHED}/`],
    ["a query", `${KEYED}?$select=status`],
    ["a fragment", `${KEYED}#top`],
    ["spaces around", `  ${KEYED}\t`],
    ["double quotes around", `"${KEYED}"`],
    ["single quotes around", `'${KEYED}'`],
    ["single quotes around segments", `'${SLASHED}'`],
    ["backticks around", `\`${KEYED}\``],
    ["angle brackets around", `<${GRAPH}/v1.0${KEYED}>`],
    ["square brackets around", `[${KEYED}]`],
    ["parentheses around", `(${KEYED})`],
    ["parentheses around segments", `(${SLASHED})`],
    ["a comma behind", `${KEYED},`],
    ["a full stop behind", `${KEYED}.`],
    ["a semicolon behind", `${KEYED};`],
    ["a sentence's end in quotes", `"${SLASHED}".`],
    ["percent-encoded quotes", `/teams(%27${TEAM}%27)/operations(%27${OPERATION}%27)`],
    ["percent-encoded parentheses", `/teams%28'${TEAM}'%29/operations%28'${OPERATION}'%29`],
    ["percent-encoded GUID", `/teams/%64bd8de4f-5d47-48da-87f1-594bed003375/operations/${OPERATION}`],
  ])("%s", (_, text) => {
    expect(addressOf(text)).toMatchObject({ kind: "team", key: KEY });
    expect(addressOf(text).operation.toLowerCase()).toBe(OPERATION);
  });

  test("the path is kept as Graph gave it", () => {
    expect(addressOf(`${GRAPH}/beta${KEYED}`).path).toBe(KEYED);
    expect(addressOf(SLASHED).path).toBe(SLASHED);
    expect(addressOf(`/groups('${TEAM}')/team/operations('${OPERATION}')`).path).toBe(
      `/groups('${TEAM}')/team/operations('${OPERATION}')`,
    );
    expect(addressOf("/teams('a%27%27b')/operations('c')").path).toBe("/teams('a%27%27b')/operations('c')");
  });

  test("ids that are no GUIDs keep their case", () => {
    expect(addressOf("/employeeExperience/engagementAsyncOperations('eyJfdHlwZSI6')").key).toBe(
      "engagement/eyJfdHlwZSI6",
    );
    expect(addressOf("/teams/A/operations/B").key).not.toBe(addressOf("/teams/a/operations/b").key);
  });

  test("an escaped quote in a key stands for one", () => {
    expect(addressOf("/teams('o''neil')/operations('it''s')")).toMatchObject({
      operation: "it's",
      key: "team/o'neil/it's",
    });
  });

  test("percent signs are decoded once, never twice", () => {
    expect(addressOf("/teams('a%2541')/operations('b')").key).toBe("team/a%41/b");
    expect(addressOf("/teams('a%252Fb')/operations('c')").key).toBe("team/a%2Fb/c");
  });

  test("a thread's id is the same, encoded or not", () => {
    const encoded = "/chats('19%3Ac253a29b%40thread.v2')/operations('x')";
    expect(addressOf(encoded).key).toBe("chat/19:c253a29b@thread.v2/x");
    expect(addressOf(encoded).key).toBe(addressOf("/chats/19:c253a29b@thread.v2/operations/x").key);
  });

  test("owners and kinds are told apart", () => {
    const keys = ["/teams/a/operations/b", "/chats/a/operations/b", "/teams/b/operations/a"].map(
      (text) => addressOf(text).key,
    );
    expect(new Set(keys).size).toBe(3);
  });
});

describe("the version", () => {
  test.each([
    [KEYED, "v1.0"],
    [`/v1.0${KEYED}`, "v1.0"],
    [`/beta${KEYED}`, "beta"],
    [`/BETA${KEYED}`, "beta"],
    [`${GRAPH}/beta${KEYED}`, "beta"],
    ["/beta/employeeExperience/engagementAsyncOperations('x')", "beta"],
    ["/employeeExperience/engagementAsyncOperations/x", "v1.0"],
    [CHAT, "beta"],
    [`/v1.0${CHAT}`, "beta"],
    [`${GRAPH}/v1.0${CHAT}`, "beta"],
  ])("of %s is %s", (text, version) => {
    expect(addressOf(text).version).toBe(version);
  });

  test.each([`/v2.0${KEYED}`, `/v1.0/beta${KEYED}`, `/v1${KEYED}`])(
    "%s has none that Graph knows",
    (text) => {
      expect(problemOf(text)).toBe("notAnOperation");
    },
  );
});

describe("hosts", () => {
  const clouds = [
    GRAPH,
    "https://graph.microsoft.us",
    "https://dod-graph.microsoft.us",
    "https://microsoftgraph.chinacloudapi.cn",
  ];

  test.each(clouds)("%s is asked when it is the configured one, and only then", (cloud) => {
    expect(addressOf(`${cloud}/v1.0${KEYED}`, cloud).key).toBe(KEY);
    for (const other of clouds.filter((name) => name !== cloud)) {
      expect(problemOf(`${other}/v1.0${KEYED}`, cloud)).toBe("otherCloud");
    }
  });

  test("a relative location belongs to the configured one", () => {
    for (const cloud of clouds) expect(addressOf(KEYED, cloud).key).toBe(KEY);
  });

  test.each([
    `http://graph.microsoft.com/v1.0${KEYED}`,
    `https://graph.microsoft.com.evil.example/v1.0${KEYED}`,
    `https://evil.example/v1.0${KEYED}`,
    `https://graph.microsoft.com@evil.example/v1.0${KEYED}`,
    `https://user:password@graph.microsoft.com/v1.0${KEYED}`,
    `https://graph.microsoft.com:8443/v1.0${KEYED}`,
    `https://graph.microsoft.com\\@evil.example/v1.0${KEYED}`,
    `https://graph.microsoft.com%2eevil.example/v1.0${KEYED}`,
    `https://grаph.microsoft.com/v1.0${KEYED}`, // a Cyrillic а
    `ftp://graph.microsoft.com/v1.0${KEYED}`,
    `https:///v1.0${KEYED}`,
    `https://169.254.169.254${KEYED}`,
    `https://contoso.sharepoint.com/sites/a/_api/web`,
  ])("%s is not Graph", (text) => {
    // Scheme and host are enough to say what is wrong with it.
    const shown = /^[a-z]+:\/\/[^/]*/iu.exec(text)?.[0];
    expect(parseAddress(text, graphAt(GRAPH))).toEqual({ ok: false, problem: "unknownHost", text: shown });
  });

  test.each([
    `//evil.example/v1.0${KEYED}`,
    `javascript:alert(1)`,
    `https:${KEYED}`,
    `\\\\evil.example${KEYED}`,
  ])("%s is no operation", (text) => {
    expect(problemOf(text)).toBe("notAnOperation");
  });

  test("local mode's Graph is in the place of its cloud's", () => {
    expect(addressOf(`${SANDBOX}/v1.0${KEYED}`, SANDBOX).key).toBe(KEY);
    expect(addressOf(`${GRAPH}/v1.0${KEYED}`, SANDBOX).key).toBe(KEY);
    expect(problemOf(`http://127.0.0.1:3980/v1.0${KEYED}`, SANDBOX)).toBe("unknownHost");
    expect(problemOf(`https://127.0.0.1:3979/v1.0${KEYED}`, SANDBOX)).toBe("unknownHost");
    expect(problemOf(`https://graph.microsoft.us/v1.0${KEYED}`, SANDBOX)).toBe("otherCloud");
    expect(problemOf(`${SANDBOX}/v1.0${KEYED}`, GRAPH)).toBe("unknownHost");
  });
});

describe("what is refused, and why", () => {
  test.each<[string, AddressProblem]>([
    ["", "notAnOperation"],
    ["/", "notAnOperation"],
    [GRAPH, "notAnOperation"],
    [`${GRAPH}/v1.0/`, "notAnOperation"],
    ["hello", "notAnOperation"],
    [OPERATION, "notAnOperation"],
    [`/teams('${TEAM}')`, "target"],
    [`/teams('${TEAM}')/operations`, "target"],
    [`/teams('${TEAM}')/channels('x')`, "target"],
    [`/teams('${TEAM}')/operations('a')/extra`, "target"],
    ["/var/log/operations/2", "notAnOperation"],
    ["/me/operations/x", "signedInUser"],
    ["/me/authentication/operations/x", "authentication"],
    ["/users/u/authentication/operations('x')?aadgdc=DUB02P", "authentication"],
    ["/employeeExperience/communities('x')", "target"],
    ["/teams/a/../operations/b", "malformed"],
    // Each id short enough, and all of them too long for the database's index.
    [`/sites/${"語".repeat(300)}/lists/${"語".repeat(300)}/operations/b`, "malformed"],
    ["/teams/../../operations/b", "malformed"],
    ["/teams/a/operations(b", "target"],
    ["/teams/../operations/b", "malformed"],
    ["/teams/./operations/b", "malformed"],
    ["/teams/a/operations('..')", "malformed"],
    ["/teams/%2e%2e/operations/b", "malformed"],
    ["/teams/a/operations/%2E", "malformed"],
    ["/teams('a%2Fb')/operations('c')", "malformed"],
    ["/teams('a%3Fb')/operations('c')", "malformed"],
    ["/teams('a%23b')/operations('c')", "malformed"],
    ["/teams('a%0Ab')/operations('c')", "malformed"],
    ["/teams/a%0D%0Ab/operations/c", "malformed"],
    ["/teams/a%00/operations/c", "malformed"],
    ["/teams/a%20b/operations/c", "malformed"],
    ["/teams/a b/operations/c", "malformed"],
    ["/teams/a\u0000b/operations/c", "malformed"],
    ["/teams/a\u007fb/operations/c", "malformed"],
    ["/teams/a\\b/operations/c", "malformed"],
    ["/teams/a%5Cb/operations/c", "malformed"],
    ['/teams/a"b/operations/c', "malformed"],
    ["/teams('')/operations('b')", "malformed"],
    ["/teams()/operations('b')", "malformed"],
    ["/teams/%/operations/b", "malformed"],
    ["/teams/%zz/operations/b", "malformed"],
    ["/teams/%c3%28/operations/b", "malformed"],
    ["/teams/%ED%A0%80/operations/b", "malformed"],
    ["/teams/{team-id}/operations/{operation-id}", "placeholder"],
    ["/teams/<id>/operations/<operation-id>", "placeholder"],
    ["/teams('{id}')/operations('{opId}')", "placeholder"],
    ["/teams({id})/operations({opId})", "placeholder"],
    [`${GRAPH}/v1.0/groups({id})/team/operations({opId})`, "placeholder"],
    ["/teams/.../operations/b", "placeholder"],
    ["/teams('…')/operations('…')", "placeholder"],
    [`${GRAPH}/v1.0/$metadata#teams('a')/operations/$entity`, "metadata"],
    [`"${GRAPH}/beta/$metadata#chats('19%3Aa')/operations/$entity",`, "metadata"],
  ])("%j: %s", (text, problem) => {
    expect(problemOf(text)).toBe(problem);
  });

  test.each([1, 142, 256, 512])("an id of %i characters is taken", (length) => {
    const id = "x".repeat(length);
    expect(addressOf(`/teams/a/operations('${id}')`).operation).toBe(id);
  });

  test.each([513, 20_000])("an id of %i characters is not", (length) => {
    expect(problemOf(`/teams/a/operations('${"x".repeat(length)}')`)).toBe("malformed");
  });

  test("the refusal repeats what was read, without its wrapping", () => {
    expect(parseAddress('"hello",', graphAt(GRAPH))).toEqual({
      ok: false,
      problem: "notAnOperation",
      text: "hello",
    });
  });

  test("a name that takes no key is not taken apart", () => {
    // Else it would share its checks with `/teams/a/operations/b`, and spoil them with a path that Graph refuses.
    expect(problemOf("/teams/a(operations)/b")).toBe("target");
    expect(problemOf("/employeeExperience(engagementAsyncOperations)/x")).toBe("target");
  });

  test.each(["b.", "b,", "b)", "b;", "(b", "b]"])(
    "the opaque id %s keeps its punctuation between quotes",
    (id) => {
      expect(addressOf(`/teams('a')/operations('${id}')`)).toMatchObject({
        operation: id,
        path: `/teams('a')/operations('${id.replace(/[,;]/u, encodeURIComponent)}')`,
      });
    },
  );
});

type Key = (name: string, id: string) => string;
const quoted: Key = (name, id) => `${name}('${id.replaceAll("'", "''")}')`;
const quotedEncoded: Key = (name, id) => `${name}('${encodeURIComponent(id.replaceAll("'", "''"))}')`;

function canonical(id: string): string {
  return /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/iu.test(id) ? id.toLowerCase() : id;
}

const OPAQUE = "a b A B 0 1 - _ . : @ , ; ( ) [ ] ' ~ ! * $ & + = | ^ ` ü 漢";

/** What addresses are made of, and what breaks them. */
const FRAGMENTS =
  "/ // ( ) ' '' \" % %27 %2F %00 %zz \\ . .. ? # { } teams chats operations groups team employeeExperience " +
  "engagementAsyncOperations beta v1.0 https:// http://evil $metadata# Location: … < > \u0000 \n x \u{1f600} \ud800 İ";

describe("properties", () => {
  const hex = fc.stringMatching(/^[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$/u);
  const likelyId = fc.oneof(
    hex,
    fc.stringMatching(/^19:[0-9a-f_-]{1,60}@(?:thread\.v2|thread\.tacv2|unq\.gbl\.spaces)$/u),
    fc.stringMatching(/^eyJ[A-Za-z0-9_-]{1,140}$/u),
    fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9._:@,-]{0,40}[A-Za-z0-9]$/u).filter((id) => !id.includes("...")),
  );
  const kind = fc.constantFrom("team", "group", "chat", "engagement");

  const keyStyles: readonly Key[] = [
    quoted,
    (name, id) => `${name}/${id}`,
    (name, id) => `${name}(${id})`,
    (name, id) => `${name}('${encodeURIComponent(id)}')`,
    (name, id) => `${name}/${encodeURIComponent(id)}`,
    (name, id) => `${name}(%27${encodeURIComponent(id)}%27)`,
  ];
  const key = fc.constantFrom(...keyStyles);

  function pathOf(what: string, owner: string, operation: string, first: Key, second: Key): string {
    switch (what) {
      case "team":
        return `${first("teams", owner)}/${second("operations", operation)}`;
      case "group":
        return `${first("groups", owner)}/team/${second("operations", operation)}`;
      case "chat":
        return `${first("chats", owner)}/${second("operations", operation)}`;
      default:
        return `employeeExperience/${second("engagementAsyncOperations", operation)}`;
    }
  }

  test("the same operation has the same key in every spelling", () => {
    const spelling = fc.record({
      first: key,
      second: key,
      root: fc.constantFrom(
        "",
        "/",
        "/v1.0/",
        "/beta/",
        "beta/",
        `${GRAPH}/v1.0/`,
        `${GRAPH}/beta//`,
        "//v1.0//",
      ),
      end: fc.constantFrom("", "/", "?$select=id,status", "/?x=1", "#y"),
      wrap: fc.constantFrom(
        ["", ""],
        ['"', '"'],
        ["'", "'"],
        ["<", ">"],
        ["(", ")"],
        ["", ","],
        ["", "."],
        ["`", "`,"],
      ),
    });
    fc.assert(
      fc.property(kind, likelyId, likelyId, spelling, spelling, (what, owner, operation, ...spellings) => {
        const [one, other] = spellings.map(({ first, second, root, end, wrap: [open, close] }) =>
          addressOf(`${open}${root}${pathOf(what, owner, operation, first, second)}${end}${close}`),
        );
        expect(one?.key).toBe(other?.key);
        expect(one?.kind).toBe(what === "group" ? "team" : what);
        expect(one?.operation).toBe(operation);
      }),
      { numRuns: 1_000 },
    );
  });

  test("different operations have different keys", () => {
    fc.assert(
      fc.property(kind, likelyId, likelyId, likelyId, likelyId, (what, a, b, c, d) => {
        const one = addressOf(pathOf(what, a, b, quoted, quoted));
        const other = addressOf(pathOf(what, c, d, quoted, quoted));
        const isSame =
          (what === "engagement" || canonical(a) === canonical(c)) && canonical(b) === canonical(d);
        expect(one.key === other.key).toBe(isSame);
      }),
    );
  });

  const opaqueId = fc
    .string({ unit: fc.constantFrom(...OPAQUE.split(" ")), minLength: 1, maxLength: 40 })
    .filter((id) => id !== "." && id !== ".." && !id.includes("..."));

  const quotedKey = fc.constantFrom(quoted, quotedEncoded);
  // Only quotes keep an id's own punctuation apart from what is around it.
  const ids = fc.oneof(
    fc.tuple(likelyId, likelyId, key, key),
    fc.tuple(opaqueId, opaqueId, quotedKey, quotedKey),
  );

  test("what is printed is read back as the same operation", () => {
    fc.assert(
      fc.property(kind, ids, (what, [owner, operation, first, second]) => {
        // The query keeps what is around a location from being taken off: this is how Graph gave it.
        const address = addressOf(`/${pathOf(what, owner, operation, first, second)}?`);
        expect(address.operation).toBe(operation);
        expect(addressOf(printAddress(address))).toEqual(address);
      }),
      { numRuns: 1_000 },
    );
  });

  const fragments = [GRAPH, OPERATION, " ", ...FRAGMENTS.split(" ")];
  const nasty = fc.oneof(
    fc.string({ unit: "binary" }),
    fc.array(fc.constantFrom(...fragments), { maxLength: 60 }).map((parts) => parts.join("")),
    fc.tuple(kind, opaqueId, opaqueId, key, key).map(([a, b, c, d, e]) => `/${pathOf(a, b, c, d, e)}`),
  );

  test("no text makes it throw, and every address it gives is safe to ask Graph for", () => {
    fc.assert(
      fc.property(nasty, fc.constantFrom(GRAPH, SANDBOX), (text, origin) => {
        const graph = graphAt(origin);
        const alone = parseAddress(text, graph);
        for (const address of [
          ...(alone.ok ? [alone.address] : []),
          ...findAddresses(text, graph).addresses,
        ]) {
          const { path, key: itsKey, operation, kind: itsKind, version } = address;
          const url = new URL(`${origin}/${version}${path}`);
          expect(url.origin).toBe(origin);
          expect(url.search + url.hash + url.username).toBe("");
          expect(url.pathname.startsWith(`/${version}/`)).toBe(true);
          expect(url.pathname.split("/")).toHaveLength(path.split("/").length + 1);
          expect(itsKey.startsWith(`${itsKind}/`)).toBe(true);
          expect(itsKey.endsWith(operation) || itsKey.endsWith(operation.toLowerCase())).toBe(true);
          // eslint-disable-next-line no-control-regex
          expect(path).not.toMatch(/[\s\u0000-\u001f]/u);
        }
      }),
      { numRuns: 5_000 },
    );
  });

  const units = [
    "'",
    "(",
    ")",
    "/",
    "%",
    '"',
    ".",
    ",",
    "}",
    "'(",
    "()",
    "')",
    "%2",
    "('",
    "/'",
    "''",
    "a(",
    "{}",
  ];
  test.each(units)("28 KB of %s are read in no time, wherever they are", (unit) => {
    const run = unit.repeat(Math.ceil(28_672 / unit.length));
    const texts = [run, `x${run}x`, `/teams('${run}')/operations('b')`, `/teams('a')/operations('${run}')x`];
    for (const text of texts) {
      const from = process.threadCpuUsage();
      parseAddress(text, graphAt(GRAPH));
      findAddresses(text, graphAt(GRAPH));
      expect(process.threadCpuUsage(from).user / 1_000).toBeLessThan(200);
    }
  });
});
