import { randomUUID } from "node:crypto";
import { graphError, headerOf, isJsonObject, type GraphAnswer, type GraphRequest } from "./graph-answer.ts";
import { isLifeName, lifeNames, type LifeName } from "./life.ts";
import type { OperationPlan, SimulatedOperation } from "./operations.ts";
import type { OperationType } from "./operation-type.ts";
import type { SandboxState } from "./sandbox-state.ts";

interface StartCall {
  /** The second part of the path: the team, where there is one. */
  readonly owner: string;
  readonly body: Readonly<Record<string, unknown>>;
  readonly life: LifeName;
  readonly request: GraphRequest;
  readonly state: SandboxState;
}

interface Start {
  readonly body: "needed" | "optional";
  readonly answer: (call: StartCall) => GraphAnswer;
}

/** `*` stands for an id. */
const starts: Readonly<Record<string, Start>> = {
  teams: { body: "needed", answer: createTeam },
  "teams/*/clone": { body: "needed", answer: (call) => startTeamOperation(call, "cloneTeam", randomUUID()) },
  "teams/*/archive": {
    body: "optional",
    answer: (call) => startTeamOperation(call, "archiveTeam", call.owner),
  },
  "teams/*/unarchive": {
    body: "optional",
    answer: (call) => startTeamOperation(call, "unarchiveTeam", call.owner),
  },
  "teams/*/channels": { body: "needed", answer: createChannel },
  chats: { body: "needed", answer: createChat },
  "employeeexperience/communities": { body: "needed", answer: createCommunity },
};

/** Answers a POST that starts an operation; `null` when the path starts none. */
export function startOperation(
  segments: readonly string[],
  request: GraphRequest,
  state: SandboxState,
): GraphAnswer | null {
  const [collection = "", owner = "", ...rest] = segments;
  const pattern = rest.length === 0 ? segments.join("/") : [collection, "*", ...rest].join("/");
  const start = starts[pattern.toLowerCase()];
  if (start === undefined) return null;
  if (request.body === undefined && start.body === "needed") {
    return badRequest("Empty Payload. JSON content expected.", request);
  }
  const body = request.body ?? {};
  if (!isJsonObject(body)) return badRequest("The body must be a JSON object.", request);
  const life = lifeFor(body, headerOf(request.headers, "x-sandbox-life"));
  if (life === null) {
    return badRequest(
      `The header x-sandbox-life names no life. It can be: ${lifeNames.join(", ")}.`,
      request,
    );
  }
  return start.answer({ owner, body, life, request, state });
}

// Whole words only: "Translators" is not `late`.
function lifeFor(body: StartCall["body"], header: string | null): LifeName | null {
  const words = `${textOf(body["displayName"])} ${textOf(body["topic"])}`.toLowerCase().split(/[^a-z]+/u);
  const named = words.find(isLifeName);
  if (named !== undefined) return named;
  if (header === null) return "quick";
  return isLifeName(header) ? header : null;
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : "";
}

function createTeam(call: StartCall): GraphAnswer {
  const team = randomUUID();
  return startTeamOperation(call, "createTeam", team, { "Content-Location": `/teams('${team}')` });
}

function startTeamOperation(
  call: StartCall,
  operationType: OperationType,
  owner: string,
  headers: Readonly<Record<string, string>> = {},
): GraphAnswer {
  const { path } = begin(call, { kind: "team", operationType, owner });
  return accepted({ Location: path, ...headers });
}

// A shared channel's operation is announced in Content-Location, in the other key style, and under
// another team than the request's: https://learn.microsoft.com/graph/api/channel-post (examples 6 and 7)
function createChannel(call: StartCall): GraphAnswer {
  if (call.body["membershipType"] !== "shared") {
    return created({ id: `19:${randomUUID()}@thread.tacv2`, displayName: textOf(call.body["displayName"]) });
  }
  const { owner, id } = begin(call, { kind: "team", operationType: "createChannel" });
  return accepted({ "Content-Location": `/teams/${owner}/operations/${id}` });
}

function createChat(call: StartCall): GraphAnswer {
  if (call.body["installedApps"] === undefined) {
    return created({ id: `19:${randomUUID()}@thread.v2`, topic: textOf(call.body["topic"]) });
  }
  if (call.request.version !== "beta") {
    return badRequest(
      "The property 'installedApps' does not exist on type 'microsoft.graph.chat'.",
      call.request,
    );
  }
  return accepted({ Location: begin(call, { kind: "chat" }).path });
}

function createCommunity(call: StartCall): GraphAnswer {
  const { path } = begin(call, { kind: "engagement" });
  return accepted({ Location: `${call.state.url}/${call.request.version}${path}` });
}

function begin(call: StartCall, plan: Omit<OperationPlan, "life">): SimulatedOperation {
  call.state.counts.started += 1;
  const name = textOf(call.body["displayName"]) || textOf(call.body["topic"]);
  return call.state.operations.add({
    ...plan,
    life: call.life,
    ...(name === "" ? {} : { displayName: name }),
  });
}

function accepted(headers: Readonly<Record<string, string>>): GraphAnswer {
  return { status: 202, headers: { ...headers, "Content-Type": "text/plain" }, body: null };
}

function created(body: Readonly<Record<string, unknown>>): GraphAnswer {
  return { status: 201, headers: {}, body };
}

function badRequest(message: string, request: GraphRequest): GraphAnswer {
  return graphError({ status: 400, code: "BadRequest", message }, request);
}
