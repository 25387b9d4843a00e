import { createHash } from "node:crypto";
import { conversationId, parseWatchId, tenantId } from "../core/ids.ts";
import { createWatch, type CreateDeps, type CreateReply, type CreateRequest } from "../flows/create-watch.ts";
import { lookUp, type Destination } from "../flows/destination.ts";
import { describeFault, type Log } from "../flows/log-event.ts";
import type { ApiWatch, KeyedRequest } from "../flows/ports.ts";
import type { TrackSettings } from "../flows/track-operation.ts";
import type { Caller, CallerCheck, CallerProblem, Role } from "./callers.ts";
import { openApi } from "./openapi.ts";
import { callbackRefusal, refusalOf } from "./create-refusal.ts";
import { invalid } from "./invalid.ts";
import { fieldProblem, problem, type ApiAnswer } from "./problem.ts";
import type { RateLimit } from "./rate-limit.ts";
import { CreateWatch, formOf, ListQuery, type CreateWatchBody } from "./schemas.ts";
import { watchResource } from "./watch-resource.ts";

export type ApiRequest = {
  readonly method: string;
  /** `list` is `/api/watches`, `one` is `/api/watches/{id}`. */
  readonly route: "list" | "one" | "openapi";
  readonly id: string | null;
  readonly query: Readonly<Record<string, string>>;
  readonly authorization: string | null;
  readonly idempotencyKey: string | null;
  readonly body: unknown;
};

export type Api = (request: ApiRequest) => Promise<ApiAnswer>;

export type ApiDeps = CreateDeps & {
  readonly callers: CallerCheck;
  readonly limit: RateLimit;
  /** Why events may not go to an address; null when they may. */
  readonly callbackProblem: (url: string) => string | null;
  readonly log: Log;
};

/** The requests of pipelines → who is calling, and may they → flows → answers, all of them told as problem details. */
export function createApi(deps: ApiDeps, settings: TrackSettings): Api {
  return async (request) => {
    const startedAt = deps.now();
    if (request.route === "openapi") return { status: 200, headers: {}, body: openApi() };
    try {
      const caller = await deps.callers(request.authorization);
      if ("problem" in caller) {
        const { method, route } = request;
        const answer = refused(caller);
        deps.log({
          event: "api",
          method,
          route,
          status: answer.status,
          caller: "",
          ms: deps.now() - startedAt,
        });
        return answer;
      }
      const answer = limited(deps, caller) ?? (await answerTo(deps, settings, caller, request));
      const { method, route } = request;
      const ms = deps.now() - startedAt;
      deps.log({ event: "api", method, route, status: answer.status, caller: caller.id, ms });
      return answer;
    } catch (error) {
      deps.log({ event: "api.failed", error: describeFault(error) });
      return problem(
        503,
        "unavailable",
        "Something went wrong on Opwatch's side, and it may have been done or not. Repeat it in a minute, with the same Idempotency-Key.",
        {
          headers: { "retry-after": "30" },
        },
      );
    }
  };
}

function limited({ limit, now }: ApiDeps, caller: Caller): ApiAnswer | null {
  const waitMs = limit(`${caller.tenant ?? ""} ${caller.id}`, now());
  if (waitMs === null) return null;
  return problem(429, "too-many-requests", "This application sends more requests than it may.", {
    headers: { "retry-after": String(Math.ceil(waitMs / 1000)) },
  });
}

function refused({ problem: name, detail }: CallerProblem): ApiAnswer {
  if (name === "unavailable") {
    return problem(503, "unavailable", detail, { headers: { "retry-after": "30" } });
  }
  if (name === "wrongTenant") return problem(403, "wrong-tenant", detail);
  const error = name === "missing" ? "" : ' error="invalid_token"';
  return problem(401, "unauthenticated", detail, { headers: { "www-authenticate": `Bearer${error}` } });
}

async function answerTo(
  deps: ApiDeps,
  settings: TrackSettings,
  caller: Caller,
  request: ApiRequest,
): Promise<ApiAnswer> {
  const needed: Role = request.method === "GET" ? "Watches.Read" : "Watches.Write";
  // Who may write may see what came of it.
  const isAllowed = caller.roles.has(needed) || caller.roles.has("Watches.Write");
  if (!isAllowed) {
    return problem(
      403,
      "missing-role",
      `The token lacks the application role ${needed}. An administrator grants it to the calling application.`,
    );
  }
  switch (`${request.method} ${request.route}`) {
    case "POST list":
      return post(deps, settings, caller, request);
    case "GET list":
      return list(deps, caller, request.query);
    case "GET one":
      return get(deps, caller, request.id);
    case "DELETE one":
      return remove(deps, caller, request.id);
    default:
      return problem(405, "method-not-allowed", "This address does not take this method.");
  }
}

async function post(
  deps: ApiDeps,
  settings: TrackSettings,
  caller: Caller,
  { body, idempotencyKey }: ApiRequest,
): Promise<ApiAnswer> {
  const parsed = CreateWatch.safeParse(body);
  if (!parsed.success) return invalid(parsed.error);
  const callbackProblem =
    parsed.data.callbackUrl === undefined ? null : deps.callbackProblem(parsed.data.callbackUrl);
  if (callbackProblem !== null) {
    return callbackRefusal(callbackProblem);
  }
  if (idempotencyKey !== null && !/^[\u0021-\u007e]{1,255}$/u.test(idempotencyKey)) {
    return fieldProblem(
      400,
      "invalid-request",
      "Idempotency-Key",
      "It must have 1 to 255 visible ASCII characters.",
    );
  }
  const asked = requestOf(parsed.data, caller);
  // Beside writing the key, not after it.
  const named = lookUp(deps.store, caller.tenant, asked.to);
  const create = (request: KeyedRequest | null): Promise<CreateReply> =>
    createWatch(deps, settings, { ...asked, named, request });
  if (idempotencyKey === null) return answerFor(await create(null));
  return once(deps, caller, { idempotencyKey, body: parsed.data }, create);
}

const LOCAL_TENANT = tenantId("local");

/** The same key makes the same watch, for a week. */
async function once(
  deps: ApiDeps,
  caller: Caller,
  { idempotencyKey, body }: { readonly idempotencyKey: string; readonly body: CreateWatchBody },
  create: (request: KeyedRequest) => Promise<CreateReply>,
): Promise<ApiAnswer> {
  const request: KeyedRequest = {
    // In local mode there is one tenant only: the machine's own.
    tenantId: caller.tenant ?? LOCAL_TENANT,
    caller: caller.id,
    key: idempotencyKey,
    body: createHash("sha256").update(JSON.stringify(body)).digest("base64url"),
  };
  const begun = await deps.store.beginRequest(request, deps.now());
  switch (begun.kind) {
    case "underWay":
      return problem(409, "request-under-way", "A request with this Idempotency-Key is still under way.", {
        headers: { "retry-after": "1" },
      });
    case "otherBody":
      return fieldProblem(
        422,
        "idempotency-key-reused",
        "Idempotency-Key",
        "This Idempotency-Key was used with another body. Use a new one for a new watch.",
      );
    case "done": {
      const found = await deps.store.apiWatch(caller.tenant, begun.watch);
      return found === null ? unknownWatch() : accepted(found);
    }
    case "new":
  }
  let isMade = false;
  try {
    const reply = await create(request);
    isMade = reply.kind === "created";
    return answerFor(reply);
  } finally {
    if (!isMade) await deps.store.forgetRequest(request);
  }
}

function requestOf(body: CreateWatchBody, caller: Caller): Omit<CreateRequest, "named" | "request"> {
  return {
    tenant: caller.tenant,
    caller: caller.name,
    operation: body.operation,
    to: destinationOf(body.to),
    thread: body.thread ?? null,
    requester: body.requester ?? null,
    notify: body.notify,
    title: body.title ?? null,
    link: body.link ?? null,
    callback: body.callbackUrl === undefined ? null : { url: body.callbackUrl, on: body.callbackOn },
  };
}

function destinationOf(to: CreateWatchBody["to"]): Destination {
  const { conversation = "", team = "", channel = "", link = "", user = "", alias = "" } = to;
  switch (formOf(to)?.[0]) {
    case "conversation":
      return { kind: "conversation", id: conversation };
    case "team":
      return { kind: "channel", team, channel };
    case "link":
      return { kind: "link", link };
    case "user":
      return { kind: "user", user };
    case "alias":
    case undefined:
      return { kind: "alias", name: alias };
  }
}

function answerFor(reply: CreateReply): ApiAnswer {
  return reply.kind === "created" ? accepted(reply.watch) : refusalOf(reply);
}

/** 202, as Graph itself answers: the card is on its way. */
function accepted(found: ApiWatch): ApiAnswer {
  const location = `/api/watches/${found.watch.id}`;
  return { status: 202, headers: { location }, body: watchResource(found) };
}

async function get(deps: ApiDeps, caller: Caller, id: string | null): Promise<ApiAnswer> {
  const watch = parseWatchId(id);
  const found = watch === null ? null : await deps.store.apiWatch(caller.tenant, watch);
  if (found === null) return unknownWatch();
  return { status: 200, headers: {}, body: watchResource(found) };
}

/** Deleting it twice does no harm. */
async function remove(deps: ApiDeps, caller: Caller, id: string | null): Promise<ApiAnswer> {
  const watch = parseWatchId(id);
  const found = watch === null ? null : await deps.store.apiWatch(caller.tenant, watch);
  if (found === null) return unknownWatch();
  await deps.store.stopWatches(found.watch.conversationId, [found.watch.id], deps.now());
  return { status: 204, headers: {}, body: null };
}

function unknownWatch(): ApiAnswer {
  return problem(404, "not-found", "Your tenant has no watch with this id.");
}

async function list(
  deps: ApiDeps,
  caller: Caller,
  query: Readonly<Record<string, string>>,
): Promise<ApiAnswer> {
  const parsed = ListQuery.safeParse(query);
  if (!parsed.success) return invalid(parsed.error, "");
  const { conversation, state, top, skiptoken } = parsed.data;
  const found = await deps.store.apiWatches(
    caller.tenant,
    {
      conversation: conversation === undefined ? null : conversationId(conversation),
      isOpen: state === undefined ? null : state === "open",
    },
    { before: skiptoken ?? null, limit: top + 1 },
  );
  const page = found.slice(0, top);
  const last = page.at(-1);
  const value = page.map(watchResource);
  if (found.length <= top || last === undefined) return { status: 200, headers: {}, body: { value } };
  const next = new URLSearchParams({ ...query, skiptoken: String(last.seq) });
  return { status: 200, headers: {}, body: { value, nextLink: `/api/watches?${next.toString()}` } };
}
