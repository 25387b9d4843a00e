import diagnostics from "node:diagnostics_channel";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { Agent, request as httpRequest, Server } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import zlib from "node:zlib";
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { aBotProcess, type BotProcess } from "../support/a-bot-process.ts";
import { makeEmbedded } from "../support/a-database.ts";
import { aRegisteredApp, type RegisteredBench } from "../support/a-registered-app.ts";
import { aMessage, GROUP, PERSONAL, TENANT } from "../support/an-activity.ts";
import { APP, CHANNEL_ISSUER } from "../support/an-issuer.ts";
import { isCard, textOf } from "../support/fake-teams.ts";
import { heapGrowth } from "../support/heap.ts";

const KB = 1_024;
const LIMIT = 256 * KB;
const JSON_TYPE = { "content-type": "application/json" };

let bench: RegisteredBench;
beforeAll(async () => {
  bench = await aRegisteredApp();
});
afterAll(() => bench[Symbol.asyncDispose]());
afterEach(() => vi.restoreAllMocks());

type Sent = {
  readonly url?: string;
  readonly method?: string;
  readonly path?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly agent?: Agent;
};

/** The bytes as they are, in one or several pieces; the status that they got. */
function send(body: Iterable<Buffer | string>, options: Sent = {}): Promise<number> {
  const {
    url = bench.app.url,
    method = "POST",
    path = "/api/messages",
    headers = JSON_TYPE,
    agent,
  } = options;
  return new Promise((resolve, reject) => {
    const given = { method, headers, ...(agent === undefined ? {} : { agent }) };
    const sent = httpRequest(url + path, given, (response) => {
      response.resume();
      response.once("end", () => resolve(response.statusCode ?? 0));
    });
    sent.once("error", reject);
    for (const piece of body) sent.write(piece);
    sent.end();
  });
}

async function signed(): Promise<Readonly<Record<string, string>>> {
  return { ...JSON_TYPE, authorization: `Bearer ${await bench.botFramework.token()}` };
}

function anActivity(fields: Readonly<Record<string, unknown>> = {}): object {
  return { ...aMessage(bench.teams.serviceUrl, PERSONAL, "help"), ...fields };
}

/** As JSON, padded with blanks to a number of bytes. */
function paddedTo(bytes: number, activity: object): string {
  return JSON.stringify(activity).padEnd(bytes, " ");
}

function nested(depth: number): string {
  return `${'{"a":'.repeat(depth)}1${"}".repeat(depth)}`;
}

async function expectAlive(): Promise<void> {
  expect((await fetch(`${bench.app.url}/healthz`)).status).toBe(200);
}

describe("a body that is no activity gets 400, whoever sends it", () => {
  const bodies: readonly (readonly [string, () => Buffer | string])[] = [
    ["{}", () => "{}"],
    ['{"type":5}', () => '{"type":5}'],
    ['{"type":"message"}', () => '{"type":"message"}'],
    ["null", () => "null"],
    ["a list", () => "[]"],
    ["a list of an activity", () => JSON.stringify([anActivity()])],
    ["a text", () => '"help"'],
    ["a number", () => "5"],
    ["nothing", () => ""],
    ["no JSON", () => "{"],
    ["two of them", () => `${JSON.stringify(anActivity())}${JSON.stringify(anActivity())}`],
    ["NUL bytes", () => Buffer.alloc(1_000)],
    ["a NUL byte within", () => JSON.stringify(anActivity()).replace("help", "he\0lp")],
    ["no UTF-8", () => Buffer.from([0x7b, 0xff, 0xfe, 0x80, 0x7d])],
    ["UTF-16", () => Buffer.from(JSON.stringify(anActivity()), "utf16le")],
    ["a list that is nested a hundred thousand times", () => "[".repeat(100_000)],
    ["the same, and closed", () => "[".repeat(100_000) + "]".repeat(100_000)],
    ["an object that is nested", () => nested(40_000)],
    [
      "an activity with a nested sender",
      () => JSON.stringify(anActivity({ from: 0 })).replace('"from":0', `"from":${nested(30_000)}`),
    ],
    ["a conversation that is a text", () => JSON.stringify(anActivity({ conversation: "x" }))],
    [
      "an id of a megabyte's length, or nearly",
      () => JSON.stringify(anActivity({ conversation: { id: "x".repeat(200_000) } })),
    ],
    ["attachments that are none", () => JSON.stringify(anActivity({ attachments: [5] }))],
    ["the fields of a prototype", () => '{"__proto__":{"type":"message"},"constructor":{}}'],
  ];

  test.each(bodies)("%s", async (_what, body) => {
    const made = body();
    expect(await send([made])).toBe(400);
    expect(await send([made], { headers: await signed() })).toBe(400);
    await expectAlive();
  });

  test("nothing of them is kept in a prototype", () => {
    expect(Reflect.get({}, "type")).toBeUndefined();
  });
});

describe("a strange activity that Teams has signed is taken, and does no harm", () => {
  test.each<[string, () => Buffer | string]>([
    [
      "no UTF-8 in its text",
      () => {
        const [before = "", after = ""] = JSON.stringify(anActivity()).split("help");
        return Buffer.concat([Buffer.from(before), Buffer.from([0xff, 0xc0, 0x80]), Buffer.from(after)]);
      },
    ],
    [
      "NULs and half characters in all its texts",
      () => {
        const text = "a\0b\ud800";
        const conversation = { id: `a:1${text}`, tenantId: TENANT, conversationType: "personal" };
        return JSON.stringify(
          anActivity({
            text,
            id: text,
            conversation,
            from: { id: text, name: text, aadObjectId: text },
            locale: text,
          }),
        );
      },
    ],
    ["fields of its own", () => JSON.stringify(anActivity({ toString: 5, callerId: {}, turnState: 5 }))],
    [
      "a prototype",
      () =>
        JSON.stringify(anActivity({ x: 0 })).replace(
          '"x":0',
          '"__proto__":{"type":"invoke"},"constructor":5',
        ),
    ],
    ["a kind that there is not", () => JSON.stringify(anActivity({ type: "constructor" }))],
    ["a wish for its answers by return", () => JSON.stringify(anActivity({ deliveryMode: "expectReplies" }))],
    ...["value", "channelData"].map((field): [string, () => string] => [
      `a ${field} that is nested`,
      () =>
        JSON.stringify(anActivity({ [field]: 0 })).replace(`"${field}":0`, `"${field}":${nested(30_000)}`),
    ]),
    ...["entities", "attachments"].map((field): [string, () => string] => [
      `${field} that are nested`,
      () =>
        JSON.stringify(anActivity({ [field]: 0 })).replace(`"${field}":0`, `"${field}":[${nested(30_000)}]`),
    ]),
  ])("with %s", async (_what, body) => {
    bench.events.splice(0);
    expect(await send([body()], { headers: await signed() })).toBe(200);
    expect(bench.events.filter(({ event }) => event.endsWith("failed"))).toEqual([]);
    await expectAlive();
  });
});

describe("the size of a body", () => {
  test("256 KB are taken, and one byte more gets 413, with and without a token", async () => {
    const headers = await signed();
    expect(await send([paddedTo(LIMIT, anActivity())], { headers })).toBe(200);
    expect(await send([paddedTo(LIMIT + 1, anActivity())], { headers })).toBe(413);
    expect(await send([paddedTo(LIMIT, anActivity())])).toBe(401);
    expect(await send([paddedTo(LIMIT + 1, anActivity())])).toBe(413);
  });

  test("is counted where it is not told, and what is too much is not held", async () => {
    const piece = Buffer.alloc(64 * KB, " ");
    const headers = { ...JSON_TYPE, "transfer-encoding": "chunked" };
    const grown = await heapGrowth(async () => {
      expect(
        await send(
          Array.from({ length: 800 }, () => piece),
          { headers },
        ),
      ).toBe(413);
    });
    expect(grown).toBeLessThan(5_000 * KB);
  });

  test.each([
    ["gzip", zlib.gzipSync(Buffer.alloc(50_000 * KB))],
    ["deflate", zlib.deflateSync(Buffer.alloc(50_000 * KB))],
    ["br", zlib.brotliCompressSync(Buffer.alloc(1_000 * KB))],
    ["gzip", Buffer.from("not gzip at all")],
    ["x-gzip", Buffer.from("{}")],
    ["gzip, gzip", Buffer.from("{}")],
    ["identity", Buffer.from("{}")],
    ["", Buffer.from("{}")],
  ])("Content-Encoding: %s gets 415, before anything is unpacked", async (encoding, body) => {
    const unpacking = (
      ["createGunzip", "createUnzip", "createInflate", "createBrotliDecompress"] as const
    ).map((name) => vi.spyOn(zlib, name));
    const headers = { ...(await signed()), "content-encoding": encoding };
    for (const path of ["/api/messages", "/api/watches"]) {
      expect(await send([body], { headers, path })).toBe(415);
    }
    for (const spy of unpacking) expect(spy).not.toHaveBeenCalled();
    await expectAlive();
  });

  test("a header of 16 KB and more gets 431", async () => {
    const headers = { ...JSON_TYPE, authorization: `Bearer ${"x".repeat(17_000)}` };
    expect(await send(["{}"], { headers })).toBe(431);
    await expectAlive();
  });
});

describe("slow clients", () => {
  /** The very server that answers, as it is set up. */
  async function theServer(): Promise<Server> {
    const { promise, resolve } = Promise.withResolvers<unknown>();
    const listen = (message: unknown): void => resolve(Reflect.get(Object(message), "server"));
    diagnostics.subscribe("http.server.request.start", listen);
    await expectAlive();
    diagnostics.unsubscribe("http.server.request.start", listen);
    const server = await promise;
    const address = server instanceof Server ? server.address() : null;
    const port = typeof address === "object" && address !== null ? address.port : 0;
    if (!(server instanceof Server) || !bench.app.url.endsWith(`:${port}`)) {
      throw new Error("That is another server.");
    }
    return server;
  }

  test("have ten seconds for their headers, and thirty for all", async () => {
    const { headersTimeout, requestTimeout, keepAliveTimeout } = await theServer();
    expect({ headersTimeout, requestTimeout }).toEqual({ headersTimeout: 10_000, requestTimeout: 30_000 });
    // A connection on which nothing is asked any more is closed, too; but later than gateways close theirs.
    expect(keepAliveTimeout).toBeGreaterThan(60_000);
    expect(keepAliveTimeout).toBeLessThanOrEqual(120_000);
  });

  test("who sends in small pieces, but in time, is answered", async () => {
    const text = JSON.stringify(anActivity());
    expect(await send(text, { headers: await signed() })).toBe(200);
  });
});

describe("ten thousand junk requests", () => {
  const COUNT = 10_000;
  const agent = new Agent({ keepAlive: true, maxSockets: 16 });
  beforeAll(async () => {
    await bench[Symbol.asyncDispose]();
    bench = await aRegisteredApp();
    await bench.say(PERSONAL, "help");
  });
  afterAll(() => agent.destroy());

  const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString("base64url");
  const token = (claims: object, header: object = { alg: "RS256", kid: "key-1" }): string =>
    `Bearer ${part(header)}.${part(claims)}.${"x".repeat(342)}`;
  const likeGood = (n: number): object => ({
    iss: CHANNEL_ISSUER,
    aud: APP,
    serviceurl: bench.teams.serviceUrl,
    exp: 4_000_000_000,
    jti: n,
  });

  const JUNK: readonly ((n: number) => string | null)[] = [
    () => null,
    (n) => `Bearer ${n}`,
    (n) => `Basic ${n}`,
    (n) => token({ iss: `https://sts.windows.net/${n}/`, tid: String(n), appid: APP, ver: "1.0" }),
    (n) => token(likeGood(n)),
    (n) => token(likeGood(n), { alg: "RS256", kid: `unknown-${n}` }),
    (n) => token(likeGood(n), { alg: "none" }),
    (n) => token({ ...likeGood(n), exp: 1_700_000_000 }),
  ];
  const BODIES: readonly ((n: number) => string)[] = [
    (n) => JSON.stringify(aMessage(bench.teams.serviceUrl, { ...GROUP, id: `19:${n}@thread.v2` }, "help")),
    (n) => JSON.stringify(aMessage(`https://${n}.evil.example/`, GROUP, "help")),
    (n) => `{"n":${n}}`,
    (n) => `no JSON ${n}`,
  ];
  const PATHS = ["/api/messages", "/api/messages", "/api/watches"];

  /** The statuses that came back. */
  async function sendJunk(from: number, to: number): Promise<ReadonlySet<number>> {
    const statuses = new Set<number>();
    let next = from;
    const worker = async (): Promise<void> => {
      while (next < to) {
        const n = next;
        next += 1;
        const pick = <Of>(list: readonly Of[], step: number): Of | undefined => list[step % list.length];
        const authorization = pick(JUNK, n)?.(n) ?? null;
        const headers = authorization === null ? JSON_TYPE : { ...JSON_TYPE, authorization };
        const path = pick(PATHS, Math.floor(n / 8)) ?? "";
        statuses.add(await send([pick(BODIES, Math.floor(n / 24))?.(n) ?? ""], { headers, path, agent }));
      }
    };
    await Promise.all(Array.from({ length: 16 }, worker));
    // The test's own notes are none of what the application keeps.
    bench.events.splice(0);
    return statuses;
  }

  test("are all refused, leave nothing behind, and a good command works at once afterwards", async () => {
    const requests = [bench.teams.requests.length, bench.botFramework.requests.length];
    await sendJunk(0, 1_000);
    const statuses = new Set<number>();
    const grown = await heapGrowth(async () => {
      for (const status of await sendJunk(1_000, 1_000 + COUNT)) statuses.add(status);
    });
    expect(statuses).toEqual(new Set([400, 401]));
    // Not even a hash of each of them and its place in a map.
    expect(grown).toBeLessThan(KB * KB);
    expect(bench.teams.requests).toHaveLength(requests[0] ?? 0);
    // Unknown keys make it look for new ones, but not each of them.
    expect(bench.botFramework.requests.length - (requests[1] ?? 0)).toBeLessThanOrEqual(3);

    const { location } = bench.sandbox.addOperation({ kind: "team", life: "slow" });
    const startedAt = performance.now();
    await bench.say(PERSONAL, `track ${location}`);
    await bench.teams.when("card", (write) => isCard(write) && textOf(write).startsWith("Create team"));
    expect(performance.now() - startedAt).toBeLessThan(1_000);
    expect(await bench.left()).toMatchObject({ conversations: 1, operations: 1, watches: 1 });
  });
});

// restify would parse what no route takes, before anybody is asked who they are: forms go to the disk,
// and CSV with a header that it does not expect ends the process.
describe("a body that is not JSON, where none is taken", () => {
  const stack = new AsyncDisposableStack();
  let bot: BotProcess;
  let files: string;
  beforeAll(async () => {
    files = await mkdtemp(join(tmpdir(), "opwatch-files-"));
    stack.defer(() => rm(files, { recursive: true, force: true }));
    const home = stack.use(await makeEmbedded());
    bot = stack.use(await aBotProcess({ DATA_DIR: home.directory, TMPDIR: files }));
  });
  afterAll(() => stack.disposeAsync());

  const file = `--x\r\nContent-Disposition: form-data; name="f"; filename="f"\r\n\r\n${"A".repeat(1_000 * KB)}\r\n--x--\r\n`;

  test.each<[string, Readonly<Record<string, string>>, string]>([
    ["CSV", { "content-type": "text/csv" }, "a,b\n1,2"],
    ["CSV that is cut", { "content-type": "text/csv" }, 'a,b\n"1,2'],
    ["CSV with a header of its own", { "content-type": "text/csv", "x-content-columns": "abc" }, "a,b"],
    ["TSV with another", { "content-type": "text/tsv", "x-content-quote": "abc" }, "a\tb"],
    ["a form", { "content-type": "application/x-www-form-urlencoded" }, "a[b]=1&__proto__[x]=1"],
    ["a form with a file", { "content-type": "multipart/form-data; boundary=x" }, file],
    ["a form without a boundary", { "content-type": "multipart/form-data" }, file],
    ["bytes", { "content-type": "application/octet-stream" }, "x".repeat(1_000 * KB)],
    ["JSON under another name", { "content-type": "application/vnd.x+json" }, "{}"],
    ["what is of no type", {}, "a,b"],
  ])("%s, gets 415, ends nothing and leaves nothing on the disk", async (_what, headers, body) => {
    for (const [method, path] of [
      ["DELETE", "/api/watches/x"],
      ["GET", "/api/watches"],
      ["POST", "/api/messages"],
    ] as const) {
      for (const length of [{ "content-length": String(body.length) }, { "transfer-encoding": "chunked" }]) {
        const all = { ...headers, ...length };
        expect(await send([body], { url: bot.url, method, path, headers: all })).toBe(415);
      }
    }
    expect((await fetch(`${bot.url}/healthz`)).status).toBe(200);
    expect(await readdir(files)).toEqual([]);
  });
});
