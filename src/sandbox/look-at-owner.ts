import { graphError, type GraphAnswer, type GraphRequest } from "./graph-answer.ts";
import { successMsOf } from "./life.ts";
import type { SimulatedOperation } from "./operations.ts";
import type { OwnerPath } from "./owner-path.ts";
import type { SandboxState } from "./sandbox-state.ts";

/** Invented, and the same for all: the sandbox is one tenant. */
export const tenantId = "2432b57b-0abd-43db-aa7b-16eadd115d34";

/** Answers a look at a team, chat or community: 404 for some time after the operation that makes it. */
export function lookAtOwner(path: OwnerPath, request: GraphRequest, state: SandboxState): GraphAnswer {
  state.counts.targetLooks += 1;
  const operations = state.operations.ownedBy(path.key);
  const [first] = operations;
  if (first === undefined || !operations.some((one) => isVisible(one, request.arrivedMs, state.speed))) {
    return ownerNotFound(path, request);
  }
  const displayName = operations.findLast((one) => one.displayName !== null)?.displayName;
  return {
    status: 200,
    headers: {},
    body: ownerBody(first, displayName ?? `A ${nouns[first.kind] ?? "thing"} of the sandbox`),
  };
}

export function ownerNotFound(path: OwnerPath, request: GraphRequest): GraphAnswer {
  const noun = nouns[path.kind] ?? "thing";
  return graphError(
    { status: 404, code: "NotFound", message: `No ${noun} found with Id ${path.id}` },
    request,
  );
}

function isVisible(operation: SimulatedOperation, nowMs: number, speed: number): boolean {
  if (operation.visibleAfterMs === null) return true;
  if (operation.startsAtFirstCheck && operation.lastCheckMs === null) return false;
  const successMs = successMsOf(operation.life);
  return successMs !== null && (nowMs - operation.createdMs) * speed >= successMs + operation.visibleAfterMs;
}

function ownerBody({ kind, owner }: SimulatedOperation, displayName: string): Record<string, unknown> {
  const body = { id: owner, displayName };
  if (kind === "team") return { ...body, webUrl: teamUrl(owner) };
  // What Graph calls a chat's name is its topic.
  return kind === "chat" ? { ...body, topic: displayName, webUrl: chatUrl(owner) } : body;
}

function teamUrl(team: string): string {
  const channel = encodeURIComponent(`19:${team.replaceAll("-", "")}@thread.tacv2`);
  return `https://teams.microsoft.com/l/team/${channel}/conversations?groupId=${encodeURIComponent(team)}&tenantId=${tenantId}`;
}

function chatUrl(chat: string): string {
  return `https://teams.microsoft.com/l/chat/${encodeURIComponent(chat)}/0?tenantId=${tenantId}`;
}

const nouns: Readonly<Record<string, string>> = { team: "team", chat: "chat", engagement: "community" };
