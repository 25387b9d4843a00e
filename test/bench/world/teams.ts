import type { IncomingMessage, ServerResponse } from "node:http";
import { monotonicMs } from "./clock.ts";
import { KIND, PHASE, type Log } from "./log.ts";
import { chatIn, operationIn, tenantName } from "./names.ts";
import { textOf } from "./text-of.ts";
import { TEAMS_IN_CONVERSATION, TEAMS_IN_TENANT, Windows } from "./windows.ts";

export type TeamsWorld = {
  readonly log: Log;
  readonly pausedUntil: (tenant: number, at: number) => number;
  readonly latencyMs: number;
  readonly cards: Cards;
};

/** The cards that are there, and those that have shown an end, by `cardKey`. */
export type Cards = { readonly posted: Set<number>; readonly ended: Set<number> };

/** A card is an operation in a chat. */
function cardKey(operation: number, chat: number): number {
  return operation * 2 ** 24 + chat;
}

/** Teams' connector: takes cards and messages within its limits, and knows everybody as a member. */
export function answerTeams(world: TeamsWorld): (request: IncomingMessage, response: ServerResponse) => void {
  const { log, latencyMs } = world;
  const chats = new Map<string, Windows>();
  const tenants = new Map<number, Windows>();
  let count = 0;

  function waitMs(chat: string, tenant: number, at: number): number {
    let ofChat = chats.get(chat);
    if (ofChat === undefined) chats.set(chat, (ofChat = new Windows(TEAMS_IN_CONVERSATION)));
    let ofTenant = tenants.get(tenant);
    if (ofTenant === undefined) tenants.set(tenant, (ofTenant = new Windows(TEAMS_IN_TENANT)));
    const wait = Math.max(ofChat.waitMs(at), ofTenant.waitMs(at), world.pausedUntil(tenant, at) - at, 0);
    if (wait > 0) return wait;
    ofChat.count(at);
    ofTenant.count(at);
    return 0;
  }

  function send(response: ServerResponse, status: number, body: string, retryAfter = 0): void {
    setTimeout(() => {
      const headers: Record<string, string> = { "content-type": "application/json" };
      if (retryAfter > 0) headers["retry-after"] = String(retryAfter);
      response.writeHead(status, headers);
      response.end(body);
    }, latencyMs);
  }

  return (request, response) => {
    const at = monotonicMs();
    const url = request.url ?? "";
    const place = chatIn(url);
    if (place === null) return send(response, 404, ERROR("ConversationNotFound"));
    const { tenant, chat } = place;
    if (request.method === "GET") {
      const id = decodeURIComponent(url.split("/").at(-1) ?? "");
      return send(response, 200, JSON.stringify({ ...MEMBER, id, tenantId: tenantName(tenant) }));
    }
    textOf(request, (text) => {
      const wait = waitMs(`${tenant} ${chat}`, tenant, at);
      const operation = operationIn(text);
      const isCard = text.includes('"attachments":[{');
      const phase = isCard ? phaseOf(text) : 0;
      if (wait > 0) {
        log.add({ kind: KIND.refusedWrite, at, operation, chat, tenant, phase });
        return send(response, 429, ERROR("Throttled"), Math.max(Math.ceil(wait / 1_000), 1));
      }
      const isEdit = request.method === "PUT";
      const kind = isCard ? (isEdit ? KIND.cardEdited : KIND.cardPosted) : KIND.message;
      log.add({ kind, at, operation, chat, tenant, phase });
      if (isCard) {
        world.cards.posted.add(cardKey(operation, chat));
        if (phase >= PHASE.succeeded) world.cards.ended.add(cardKey(operation, chat));
      }
      count += 1;
      const id = isEdit ? decodeURIComponent(url.split("/").at(-1) ?? "") : String(1_700_000_000_000 + count);
      send(response, isEdit ? 200 : 201, JSON.stringify({ id }));
    });
  };
}

/** https://learn.microsoft.com/microsoftteams/platform/bots/how-to/get-teams-context */
const MEMBER = {
  name: "Alex Wilber",
  aadObjectId: "2804bc07-1e1f-4938-9085-ce6d756a32d2",
  userPrincipalName: "alexw@contoso.example",
  userRole: "user",
};

function ERROR(code: string): string {
  return `{"error":{"code":"${code}","message":"The benchmark's Teams refuses this."}}`;
}

/** What a card shows: an end stands in its summary, and running in Graph's own word anywhere. */
function phaseOf(text: string): number {
  const summary = /"summary":"((?:[^"\\]|\\.)*)"/u.exec(text)?.[1] ?? "";
  if (summary.includes("succeeded")) return PHASE.succeeded;
  if (summary.includes("failed")) return PHASE.failed;
  return text.includes("inProgress") ? PHASE.running : PHASE.waiting;
}
