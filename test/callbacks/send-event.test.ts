import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { createSendEvent, problemWith, type CallbackSettings } from "../../src/callbacks/send-event.ts";
import type { ApiWatch } from "../../src/flows/ports.ts";
import { T0 } from "../contracts/store-bench.ts";
import { anApiWatch } from "../api/an-api-watch.ts";
import { aReceiver, signatureOf, type Receiver } from "./a-receiver.ts";

const SECRET = "a secret of thirty-two characters";
const STRICT: CallbackSettings = {
  hosts: ["hooks.contoso.com", "*.contoso.net", "127.0.0.1", "10.0.0.1", "[::1]", "8.8.8.8"],
  allowPrivate: false,
  secret: SECRET,
};
const OPEN: CallbackSettings = { hosts: ["127.0.0.1", "localhost"], allowPrivate: true, secret: SECRET };

describe("addresses", () => {
  test.each([
    ["https://hooks.contoso.com/opwatch", null],
    ["https://hooks.contoso.com:8443/opwatch?a=b", null],
    ["https://HOOKS.contoso.com/", null],
    ["https://a.contoso.net/", null],
    ["https://a.b.contoso.net/", null],
    ["https://8.8.8.8/", null],
    ["https://contoso.net/", "notAllowed"],
    ["https://evilcontoso.net/", "notAllowed"],
    ["https://hooks.contoso.com.evil.example/", "notAllowed"],
    ["https://a.hooks.contoso.com/", "notAllowed"],
    ["https://hooks.contoso.com./", "notAllowed"],
    ["https://evil.example/?hooks.contoso.com", "notAllowed"],
    ["https://evil.example/#a.contoso.net", "notAllowed"],
    ["http://hooks.contoso.com/", "notHttps"],
    ["ftp://hooks.contoso.com/", "notHttps"],
    ["javascript:alert(1)", "notHttps"],
    ["https://user@hooks.contoso.com/", "notAnAddress"],
    ["https://user:password@hooks.contoso.com/", "notAnAddress"],
    ["https://hooks.contoso.com@evil.example/", "notAnAddress"],
    ["no address", "notAnAddress"],
    ["", "notAnAddress"],
    [`https://hooks.contoso.com/${"a".repeat(2_000)}`, "notAnAddress"],
    ["https://127.0.0.1/", "private"],
    ["https://127.1/", "private"],
    ["https://0x7f000001/", "private"],
    ["https://2130706433/", "private"],
    ["https://10.0.0.1/", "private"],
    ["https://[::1]/", "private"],
    ["https://[0:0:0:0:0:0:0:1]/", "private"],
  ])("%s: %s", (url, problem) => {
    expect(problemWith(url, STRICT)).toBe(problem);
  });

  test("a mapped address is private as well, where its host is allowed", () => {
    const hosts = ["[::ffff:7f00:1]"];
    expect(problemWith("https://[::ffff:127.0.0.1]/", { ...STRICT, hosts })).toBe("private");
  });

  test("without hosts, or without a secret, there are none", () => {
    expect(problemWith("https://hooks.contoso.com/", { ...STRICT, hosts: [] })).toBe("off");
    expect(problemWith("https://hooks.contoso.com/", { ...STRICT, secret: null })).toBe("off");
  });

  test("http and addresses inside, where they are allowed", () => {
    expect(problemWith("http://127.0.0.1:8080/", OPEN)).toBeNull();
    expect(problemWith("http://10.0.0.1/", OPEN)).toBe("notAllowed");
    expect(problemWith("ftp://127.0.0.1/", OPEN)).toBe("notHttps");
  });
});

describe("sending", () => {
  let receiver: Receiver;
  let watch: ApiWatch;
  beforeEach(async () => {
    receiver = await aReceiver();
    watch = anApiWatch();
  });
  afterEach(() => receiver[Symbol.asyncDispose]());

  function send(
    settings: Partial<CallbackSettings> = {},
    url = `${receiver.url}/hook?a=b`,
  ): Promise<{ status: number | null; reason: string }> {
    const sendEvent = createSendEvent(
      { ...OPEN, ...settings },
      () => T0 + 500,
      (id, at, found) => ({
        id,
        at,
        watch: found.watch.id,
        text: "Grüße",
      }),
    );
    return sendEvent(url, { id: "watch/1", at: T0, watch });
  }

  test("the event is posted, and whoever has the secret can tell that it is ours", async () => {
    expect(await send()).toEqual({ status: 204, reason: "204" });
    const [event] = receiver.events;
    if (event === undefined) throw new Error("No event came.");
    expect(event).toMatchObject({
      method: "POST",
      path: "/hook?a=b",
      body: { id: "watch/1", at: T0, watch: watch.watch.id, text: "Grüße" },
    });
    expect(event.headers).toMatchObject({
      "content-type": "application/cloudevents+json; charset=utf-8",
      "content-length": String(Buffer.byteLength(event.text)),
      "webhook-id": "watch/1",
      "webhook-timestamp": String(T0 / 1000),
      "webhook-signature": signatureOf(event, SECRET),
    });
    expect(event.headers["webhook-signature"]).not.toBe(signatureOf(event, "another secret"));
  });

  test("a secret that begins with whsec_ is base64", async () => {
    const key = Buffer.from("the key behind the secret, 32 b.");
    await send({ secret: `whsec_${key.toString("base64")}` });
    const [event] = receiver.events;
    expect(event?.headers["webhook-signature"]).toBe(event === undefined ? "" : signatureOf(event, key));
  });

  test.each([200, 202, 400, 401, 404, 410, 429, 500, 503])("the answer %d is told", async (status) => {
    receiver.answer = () => status;
    expect(await send()).toEqual({ status, reason: String(status) });
  });

  test.each([301, 302, 303, 307, 308])("a redirect by %d is not followed", async (status) => {
    receiver.answer = (_event, response) => {
      response.writeHead(status, { location: `${receiver.url}/elsewhere` });
      response.end();
      return null;
    };
    expect(await send()).toMatchObject({ status });
    expect(receiver.events).toHaveLength(1);
  });

  test("a long answer is read to its end and thrown away", async () => {
    receiver.answer = (_event, response) => {
      response.writeHead(200);
      response.end("x".repeat(1_000_000));
      return null;
    };
    expect(await send()).toMatchObject({ status: 200 });
  });

  test("nobody there, a connection that is cut, an answer that is none: no status", async () => {
    receiver.answer = (_event, response) => {
      response.destroy();
      return null;
    };
    expect(await send()).toMatchObject({ status: null });
    receiver.answer = (_event, response) => {
      response.writeHead(200, { "content-length": "100" });
      response.write("half");
      setTimeout(() => response.destroy(), 50);
      return null;
    };
    expect(await send()).toMatchObject({ status: null });
    expect(await send({}, "http://127.0.0.1:1/")).toMatchObject({ status: null });
  });

  test("a receiver that is not heard of for ten seconds is left alone, headers or not", async () => {
    receiver.answer = ({ path }, response) => {
      if (path.startsWith("/headers")) {
        response.writeHead(200);
        response.write("and then nothing");
      }
      return null;
    };
    const startedAt = Date.now();
    const answers = await Promise.all([
      send({}, `${receiver.url}/nothing`),
      send({}, `${receiver.url}/headers`),
    ]);
    expect(answers.map(({ status }) => status)).toEqual([null, null]);
    expect(Date.now() - startedAt).toBeGreaterThan(9_000);
    expect(Date.now() - startedAt).toBeLessThan(13_000);
  });

  test("what may not be called is not, although the watch was made when it might", async () => {
    expect(await send({ hosts: ["hooks.contoso.com"] })).toEqual({ status: null, reason: "notAllowed" });
    expect(await send({ allowPrivate: false })).toMatchObject({ status: null, reason: "notHttps" });
    expect(await send({ secret: null })).toEqual({ status: null, reason: "off" });
    expect(receiver.events).toEqual([]);
  });

  test("a name that leads inside is not called", async () => {
    const url = `https://localhost:${new URL(receiver.url).port}/`;
    const { status, reason } = await send({ allowPrivate: false }, url);
    expect(status).toBeNull();
    expect(reason).toMatch(/private|EPRIVATE/u);
    expect(receiver.events).toEqual([]);
  });
});
