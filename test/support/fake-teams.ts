import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { ALEX, TENANT } from "./an-activity.ts";

/** One write that the bot made, as Teams' connector saw it. */
export type Write = {
  readonly at: number;
  readonly method: "POST" | "PUT";
  readonly conversation: string;
  readonly activityId: string;
  readonly activity: Readonly<Record<string, unknown>>;
  readonly status: number;
};

type Reaction = {
  readonly status: number;
  readonly code?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** The write is taken although the answer says otherwise, or never comes. */
  readonly isTaken?: boolean;
  readonly hangs?: boolean;
  readonly delayMs?: number;
};

type Fields = Readonly<Record<string, unknown>>;

/** Any request at all, and whom it said to be of. */
type TeamsRequest = {
  readonly method: string;
  readonly path: string;
  readonly authorization: string | null;
};

export type FakeTeams = AsyncDisposable & {
  readonly serviceUrl: string;
  readonly requests: readonly TeamsRequest[];
  readonly writes: readonly Write[];
  /** The paths of every question about a person or a team. */
  readonly questions: readonly string[];
  /** Who somebody is in a roster, laid over an ordinary member of the tenant; null: Teams knows nobody by that id. */
  member: (roster: string, userId: string) => Fields | null;
  /** What Teams tells of a team beside its id; null: it knows none. */
  team: (teamId: string) => Fields | null;
  /** The channels of a team; null: Teams does not say. */
  channels: (teamId: string) => readonly string[] | null;
  /** The chat that is made with a person, or the status that refuses it. */
  chat: (userId: string) => string | number;
  /** What was asked for when chats were to be made, refused ones included. */
  readonly chatRequests: readonly Fields[];
  /** Decides about a write; null: it is taken. */
  react: (write: Omit<Write, "status" | "activityId">, activityId: string | null) => Reaction | null;
  /** Resolves with the first write, past or future, that matches. */
  when(what: string, matches: (write: Write) => boolean, timeoutMs?: number): Promise<Write>;
};

/** Teams' connector as far as the bot needs it: takes activities, gives ids, and remembers every write. */
export async function startFakeTeams(port = 0): Promise<FakeTeams> {
  const requests: TeamsRequest[] = [];
  const writes: Write[] = [];
  const questions: string[] = [];
  const chatRequests: Fields[] = [];
  const waiting = new Set<() => void>();
  let count = 0;

  const server = createServer((request, response) => {
    void take(request, response).catch(() => response.destroy());
  });

  /** What a question about people or teams is answered with; undefined: it is none. */
  function told(url: string): Fields | null | undefined {
    const channelsOf = /^\/v3\/teams\/([^/?]+)\/conversations$/u.exec(url)?.[1];
    if (channelsOf !== undefined) {
      questions.push(decodeURIComponent(url));
      const channels = fake.channels(decodeURIComponent(channelsOf));
      return channels === null ? null : { conversations: channels.map((id) => ({ id, name: "A channel" })) };
    }
    const [first = "", second] =
      (/^\/v3\/conversations\/([^/]+)\/members\/([^/?]+)$/u.exec(url) ?? /^\/v3\/teams\/([^/?]+)$/u.exec(url))
        ?.slice(1)
        .map((part) => decodeURIComponent(part)) ?? [];
    if (first === "") return undefined;
    questions.push(decodeURIComponent(url));
    if (second === undefined) {
      const team = fake.team(first);
      return team === null ? null : { id: first, name: "A team", ...team };
    }
    const member = fake.member(first, second);
    return member === null ? null : { ...anOrdinaryMember(second), ...member };
  }

  function makeChat(body: unknown, response: ServerResponse): void {
    const asked: Fields = typeof body === "object" && body !== null ? { ...body } : {};
    chatRequests.push(asked);
    const members: readonly unknown[] = Array.isArray(asked["members"]) ? asked["members"] : [];
    const [first] = members;
    const id: unknown = typeof first === "object" && first !== null ? Reflect.get(first, "id") : null;
    const made = fake.chat(String(id));
    const isMade = typeof made === "string";
    response.writeHead(isMade ? 201 : made, { "content-type": "application/json" });
    response.end(
      JSON.stringify(
        isMade ? { id: made } : { error: { code: "ForbiddenOperationException", message: "fake" } },
      ),
    );
  }

  async function take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = "", url = "", headers } = request;
    requests.push({ method, path: decodeURIComponent(url), authorization: headers.authorization ?? null });
    const answer = request.method === "GET" ? told(request.url ?? "") : undefined;
    if (answer !== undefined) {
      response.writeHead(answer === null ? 404 : 200, { "content-type": "application/json" });
      response.end(
        JSON.stringify(answer ?? { error: { code: "MemberNotFoundInConversation", message: "fake" } }),
      );
      return;
    }
    const body: unknown = JSON.parse((await bodyOf(request)) || "{}");
    if (request.method === "POST" && request.url === "/v3/conversations") return makeChat(body, response);
    const path = /^\/v3\/conversations\/([^/]+)\/activities(?:\/([^/?]+))?/u.exec(request.url ?? "");
    if (path === null || typeof body !== "object" || body === null) {
      response.writeHead(404);
      response.end();
      return;
    }
    const write = {
      at: Date.now(),
      method: request.method === "PUT" ? ("PUT" as const) : ("POST" as const),
      conversation: decodeURIComponent(path[1] ?? ""),
      activity: { ...body },
    };
    const given = path[2] === undefined ? null : decodeURIComponent(path[2]);
    const reaction = fake.react(write, given);
    const status = reaction?.status ?? (write.method === "POST" ? 201 : 200);
    const isTaken = status < 300 || reaction?.isTaken === true;
    const activityId = given ?? `${Date.now()}${(count += 1)}`;
    if (isTaken) {
      writes.push({ ...write, activityId, status });
      for (const check of waiting) check();
    }
    if (reaction?.delayMs !== undefined)
      await new Promise((resolve) => setTimeout(resolve, reaction.delayMs));
    if (reaction?.hangs === true) return;
    response.writeHead(status, { "content-type": "application/json", ...reaction?.headers });
    response.end(
      JSON.stringify(
        status < 300 ? { id: activityId } : { error: { code: reaction?.code ?? "Error", message: "fake" } },
      ),
    );
  }

  await new Promise<void>((resolve) => {
    server.listen(port, "127.0.0.1", resolve);
  });
  const address = server.address();
  const fake: FakeTeams = {
    serviceUrl: `http://127.0.0.1:${typeof address === "object" && address !== null ? address.port : 0}`,
    requests,
    writes,
    questions,
    member: () => ({}),
    team: () => ({}),
    channels: () => null,
    chat: (userId) => `a:1chat-with-${userId}`,
    chatRequests,
    react: () => null,
    when(what, matches, timeoutMs = 60_000) {
      return new Promise((resolve, reject) => {
        const check = (): void => {
          const found = writes.find(matches);
          if (found === undefined) return;
          done();
          resolve(found);
        };
        const timer = setTimeout(() => {
          done();
          reject(new Error(`No ${what} within ${timeoutMs} ms. Writes so far:\n${describeWrites(writes)}`));
        }, timeoutMs);
        const done = (): void => {
          clearTimeout(timer);
          waiting.delete(check);
        };
        waiting.add(check);
        check();
      });
    },
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => {
        server.close(resolve);
      });
    },
  };
  return fake;
}

/** As Teams describes one: https://learn.microsoft.com/microsoftteams/platform/bots/how-to/get-teams-context */
function anOrdinaryMember(id: string): Fields {
  return {
    id,
    name: ALEX.name,
    aadObjectId: ALEX.aadObjectId,
    userPrincipalName: "alexw@contoso.example",
    userRole: "user",
    tenantId: TENANT,
  };
}

function describeWrites(writes: readonly Write[]): string {
  return writes
    .map(
      ({ method, conversation, activity }) =>
        `${method} ${conversation} ${String(activity["summary"] ?? activity["text"])}`,
    )
    .join("\n");
}

/** What a write showed: a card's summary, or a message's text. */
export function textOf(write: Write): string {
  const { text, summary } = write.activity;
  if (typeof text === "string") return text;
  return typeof summary === "string" ? summary : "";
}

export function isCard(write: Write): boolean {
  return Array.isArray(write.activity["attachments"]);
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) {
    if (chunk instanceof Buffer) chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}
