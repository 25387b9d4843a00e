import { graphError, type GraphAnswer, type GraphRequest } from "./graph-answer.ts";
import { ownerNotFound, tenantId } from "./look-at-owner.ts";
import type { OwnerPath } from "./owner-path.ts";
import type { SandboxState } from "./sandbox-state.ts";

const pageSize = 100;

/** Answers with a page of the members of a team or chat that has an operation. */
export function listMembers(path: OwnerPath, request: GraphRequest, state: SandboxState): GraphAnswer {
  const operations = state.operations.ownedBy(path.key);
  if (operations.length === 0) return ownerNotFound(path, request);
  const all = operations.findLast(({ members }) => members !== null)?.members ?? [];
  const query = new URLSearchParams(queryOf(request.path));
  const filter = query.get("$filter");
  const wanted = filter === null ? null : userIdOf(filter);
  if (filter !== null && (wanted === null || path.kind !== "team")) return invalidFilter(request);
  const members = wanted === null ? all : all.filter((member) => member.toLowerCase() === wanted);
  const from = Number(query.get("$skiptoken") ?? 0);
  const here = `${state.url}/${request.version}/${path.kind}s/${encodeURIComponent(path.id)}/members`;
  const isLast = members.length <= from + pageSize;
  return {
    status: 200,
    headers: {},
    body: {
      ...(isLast ? {} : { "@odata.nextLink": `${here}?$skiptoken=${from + pageSize}` }),
      value: members.slice(from, from + pageSize).map((userId) => memberBody(path.id, userId)),
    },
  };
}

function memberBody(owner: string, userId: string): Readonly<Record<string, unknown>> {
  return {
    "@odata.type": "#microsoft.graph.aadUserConversationMember",
    id: Buffer.from(`0##${tenantId}##${owner}##${userId}`).toString("base64"),
    userId,
    displayName: `Person ${userId.slice(0, 8)}`,
    roles: [],
  };
}

/** The only filter that Graph documents for members by their id; in lower case, `null`: another filter. */
function userIdOf(filter: string): string | null {
  const [, userId] =
    /^\s*\(?\s*microsoft\.graph\.aadUserConversationMember\/userId eq '([^']*)'\s*\)?\s*$/iu.exec(filter) ??
    [];
  return userId?.toLowerCase() ?? null;
}

function invalidFilter(request: GraphRequest): GraphAnswer {
  return graphError(
    { status: 400, code: "BadRequest", message: "The $filter is not supported for these members." },
    request,
  );
}

function queryOf(path: string): string {
  const at = path.indexOf("?");
  return at === -1 ? "" : path.slice(at + 1);
}
