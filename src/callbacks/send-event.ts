import { createHmac } from "node:crypto";
import { Agent as HttpAgent, request as httpRequest } from "node:http";
import { Agent as HttpsAgent, request as httpsRequest } from "node:https";
import { isIP } from "node:net";
import { describeFault } from "../flows/log-event.ts";
import type { ApiWatch } from "../flows/ports.ts";
import type { SendEvent } from "../flows/send-callbacks.ts";
import { guardedLookup, isInside } from "./guarded-lookup.ts";

export type CallbackSettings = {
  /** Names of hosts; `*.example.com` stands for every name below. Empty: no callbacks at all. */
  readonly hosts: readonly string[];
  /** Also http and addresses inside: for tests and for receivers beside the bot. */
  readonly allowPrivate: boolean;
  /** Signs the events; null where none is set, and then there are no callbacks. */
  readonly secret: string | null;
};

export type CallbackProblem = "off" | "notHttps" | "notAllowed" | "private" | "notAnAddress";

const TIMEOUT_MS = 10_000;

/** Why events may not go there; null when they may. */
export function problemWith(url: string, settings: CallbackSettings): CallbackProblem | null {
  if (settings.hosts.length === 0 || settings.secret === null) return "off";
  if (!URL.canParse(url) || url.length > 2_000) return "notAnAddress";
  const { protocol, hostname, username, password } = new URL(url);
  if (username !== "" || password !== "") return "notAnAddress";
  if (protocol !== "https:" && !(protocol === "http:" && settings.allowPrivate)) return "notHttps";
  if (!settings.hosts.some((host) => isSameHost(hostname, host))) return "notAllowed";
  const literal = hostname.replace(/^\[|\]$/gu, "");
  return !settings.allowPrivate && isIP(literal) !== 0 && isInside(literal) ? "private" : null;
}

function isSameHost(hostname: string, allowed: string): boolean {
  const name = allowed.toLowerCase();
  return name.startsWith("*.") ? hostname.endsWith(name.slice(1)) : hostname === name;
}

/**
 * Posts one CloudEvents message, signed as https://www.standardwebhooks.com says: `webhook-id`,
 * `webhook-timestamp`, `webhook-signature`. Redirects are not followed.
 */
export function createSendEvent(
  settings: CallbackSettings,
  now: () => number,
  eventOf: (id: string, at: number, watch: ApiWatch) => object,
): SendEvent {
  return async (url, { id, at, watch }) => {
    const problem = problemWith(url, settings);
    if (problem !== null) return { status: null, reason: problem };
    const body = JSON.stringify(eventOf(id, at, watch));
    try {
      const status = await post(new URL(url), body, signed(settings.secret ?? "", id, now(), body), settings);
      return { status, reason: String(status) };
    } catch (error) {
      return { status: null, reason: describeFault(error) };
    }
  };
}

const HTTPS = new HttpsAgent();
const HTTP = new HttpAgent();

function signed(secret: string, id: string, now: number, body: string): Readonly<Record<string, string>> {
  const seconds = String(Math.floor(now / 1000));
  const key = secret.startsWith("whsec_") ? Buffer.from(secret.slice(6), "base64") : Buffer.from(secret);
  const signature = createHmac("sha256", key).update(`${id}.${seconds}.${body}`).digest("base64");
  return { "webhook-id": id, "webhook-timestamp": seconds, "webhook-signature": `v1,${signature}` };
}

function post(
  url: URL,
  body: string,
  signature: Readonly<Record<string, string>>,
  { allowPrivate }: CallbackSettings,
): Promise<number> {
  const request = url.protocol === "https:" ? httpsRequest : httpRequest;
  return new Promise((resolve, reject) => {
    const sent = request(
      url,
      {
        method: "POST",
        headers: {
          "content-type": "application/cloudevents+json; charset=utf-8",
          "content-length": Buffer.byteLength(body),
          "user-agent": "opwatch",
          ...signature,
        },
        signal: AbortSignal.timeout(TIMEOUT_MS),
        // Not the global one, which may go by a proxy: that would look up the host in the guard's place.
        agent: url.protocol === "https:" ? HTTPS : HTTP,
        ...(allowPrivate ? {} : { lookup: guardedLookup }),
      },
      (response) => {
        // What it says is of no use; how it answers is.
        response.resume();
        response.on("end", () => resolve(response.statusCode ?? 0));
        response.on("error", reject);
      },
    );
    sent.on("error", reject);
    sent.end(body);
  });
}
