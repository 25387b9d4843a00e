import { Random } from "../fuzz/random.ts";
import { aMessage, anInstallation, anotherActivity, aPress, type Place } from "../support/an-activity.ts";
import { now } from "./clock.ts";
import type { Load, PlannedDeed, PlannedOperation } from "./load.ts";
import type { Deed, Entry } from "./log.ts";
import type { World } from "./world.ts";

/**
 * People and pipelines. Whatever they send goes to one of the replicas that are up, and is sent again,
 * as Teams and the command line do it, until it is answered.
 */
export type People = {
  /** Installs the bot everywhere. */
  greet(): Promise<void>;
  do(deed: PlannedDeed): void;
  /** Resolves when nobody waits for an answer any more. */
  settled(): Promise<void>;
  /** Nobody sends anything again. */
  giveUp(): void;
  /** What was written to the log, to know which cards there are. */
  see(entry: Entry): void;
};

/** Teams delivers a message again when it was not answered by then. */
const ANSWER_WITHIN_MS = 15_000;
const DELIVERIES = { chat: 25, api: 100 } as const;
const BETWEEN_MS = { chat: 700, api: 1_000 } as const;
/** Somebody who was told that something went wrong tries again after a while. */
const AFTER_TROUBLE_MS = 1_500;
const TRIES = 6;
/** So begins what the bot says when it could not do what it was asked for. */
export const TROUBLE = "Something went wrong";
/** And so what it answers to a button that it has not finished with. */
const TAKES_LONG = "This takes longer than usual";

type Request = {
  readonly deed: Deed;
  readonly via: "chat" | "api";
  readonly place: Place;
  readonly operations: readonly string[];
  /** Made anew for each try; a redelivery sends the same. */
  readonly message: (id: string) => HttpMessage;
};

/** Null when no answer came. */
type Answer = { readonly status: number | null; readonly text: string };

type HttpMessage = {
  readonly method: "POST" | "DELETE";
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: unknown;
};

type Tracked = {
  readonly conversation: number;
  readonly operation: PlannedOperation;
  readonly location: string;
  isStopped: boolean;
};

export function createPeople(options: {
  readonly seed: number;
  readonly load: Load;
  readonly world: World;
  readonly ready: () => readonly { readonly url: string }[];
  readonly log: (entry: Entry) => void;
}): People {
  const { load, world, log } = options;
  const random = new Random(options.seed, 5);
  const queues = new Map<string, Promise<void>>();
  const tracked: Tracked[] = [];
  const removed = new Set<number>();
  /** By conversation and operation. */
  const cards = new Map<string, { readonly watch: string; readonly isLive: boolean }>();
  let troubles: { readonly conversation: string; readonly at: number }[] = [];
  let count = 0;
  const over = new AbortController();

  const placeOf = (index: number): Place => {
    const place = load.conversations[index];
    if (place === undefined) throw new Error(`There is no conversation ${index}.`);
    return place;
  };

  /** One thing at a time in each conversation, as a person does it. */
  function enqueue(place: Place, work: () => Promise<void>): void {
    const before = queues.get(place.id) ?? Promise.resolve();
    queues.set(place.id, before.then(work));
  }

  async function ask(request: Request): Promise<void> {
    for (let attempt = 1; attempt <= TRIES && !over.signal.aborted; attempt += 1) {
      const id = `${request.deed}-${(count += 1)}`;
      const sentAt = now();
      const { status, text } = await deliver(id, request);
      const at = now();
      const isGood = status !== null && status < 300 && !text.includes(TROUBLE) && !text.includes(TAKES_LONG);
      if (isGood && !(await wasTrouble(request, sentAt))) {
        const { deed, operations, place } = request;
        log({ kind: "acknowledged", at, deed, conversation: bare(place), operations });
        return;
      }
      await sleep(AFTER_TROUBLE_MS);
    }
  }

  async function deliver(id: string, request: Request): Promise<Answer> {
    const message = request.message(id);
    const { deed, via, operations } = request;
    const conversation = bare(request.place);
    for (let delivery = 1; delivery <= DELIVERIES[via] && !over.signal.aborted; delivery += 1) {
      const up = options.ready();
      const replica = up[random.below(Math.max(up.length, 1))];
      if (replica === undefined) {
        await sleep(BETWEEN_MS[via]);
        continue;
      }
      log({ kind: "asked", at: now(), id, deed, via, conversation, operations, delivery });
      const answer = await send(replica.url, message);
      log({ kind: "answered", at: now(), id, status: answer.status });
      if (answer.status !== null && answer.status < 300) return answer;
      const isFinal =
        answer.status !== null && answer.status < 500 && answer.status !== 409 && answer.status !== 429;
      if (isFinal) return answer;
      await sleep(BETWEEN_MS[via]);
    }
    return { status: null, text: "" };
  }

  /** What a person reads; the world tells it a moment after it happened. */
  async function wasTrouble({ via, place }: Request, sinceMs: number): Promise<boolean> {
    if (via === "api") return false;
    await sleep(250);
    return troubles.some(({ conversation, at }) => conversation === bare(place) && at >= sinceMs);
  }

  function say(index: number, deed: Deed, text: string, operations: readonly string[]): Request {
    const place = placeOf(index);
    return {
      deed,
      via: "chat",
      place,
      operations,
      message: (id) => activity(aMessage(world.serviceUrl, place, text, { id })),
    };
  }

  async function track(conversation: number, operations: readonly PlannedOperation[], via: "chat" | "api") {
    const started = [];
    for (const operation of operations) {
      const location = await world.add(operation);
      started.push({ conversation, operation, location, isStopped: false });
    }
    tracked.push(...started);
    await follow(started, via);
  }

  async function follow(started: readonly Tracked[], via: "chat" | "api"): Promise<void> {
    const [first] = started;
    if (first === undefined) return;
    const ids = started.map(({ operation }) => operation.id);
    if (via === "chat") {
      const text = `track ${started.map(({ location }) => location).join(" ")}`;
      await ask(say(first.conversation, "track", text, ids));
      return;
    }
    const place = placeOf(first.conversation);
    const key = `chaos-${ids.join("-")}-${first.conversation}`;
    const body = {
      operation: `Location: ${first.location}`,
      to: { conversation: bare(place) },
      title: `Run ${first.operation.id.slice(0, 4)}`,
      notify: "always",
    };
    await ask({
      deed: "track",
      via: "api",
      place,
      operations: ids,
      message: () => ({ method: "POST", path: "/api/watches", headers: { "idempotency-key": key }, body }),
    });
  }

  /** One that is still followed, and whose card can be seen. */
  function aLiveCard(): (Tracked & { readonly watch: string }) | null {
    const live = tracked.flatMap((each) => {
      const card = cards.get(`${bare(placeOf(each.conversation))} ${each.operation.id}`);
      const isLive = card?.isLive === true && !each.isStopped && !removed.has(each.conversation);
      return isLive ? [{ each, watch: card.watch }] : [];
    });
    const found = live[random.below(Math.max(live.length, 1))];
    return found === undefined ? null : Object.assign(found.each, { watch: found.watch });
  }

  async function stop(how: Extract<PlannedDeed, { kind: "stop" }>["how"]): Promise<void> {
    const card = aLiveCard();
    if (card === null) return;
    const { conversation, operation, watch } = card;
    const place = placeOf(conversation);
    card.isStopped = true;
    if (how === "id") {
      enqueue(place, () => ask(say(conversation, "stop", `stop ${operation.id}`, [operation.id])));
    } else if (how === "all") {
      enqueue(place, async () => {
        const here = tracked.filter((each) => each.conversation === conversation);
        for (const each of here) each.isStopped = true;
        await ask(
          say(
            conversation,
            "stop",
            "stop all",
            here.map((each) => each.operation.id),
          ),
        );
      });
    } else if (how === "button") {
      enqueue(place, async () => {
        const message = (id: string): HttpMessage =>
          activity({ ...aPress(world.serviceUrl, place, { verb: "stop", watch }), id });
        await ask({ deed: "stop", via: "chat", place, operations: [operation.id], message });
      });
    } else {
      enqueue(place, async () => {
        const message = (): HttpMessage => ({
          method: "DELETE",
          path: `/api/watches/${watch}`,
          headers: {},
          body: undefined,
        });
        await ask({ deed: "stop", via: "api", place, operations: [operation.id], message });
      });
    }
  }

  function refresh(): void {
    const card = aLiveCard();
    if (card === null) return;
    const place = placeOf(card.conversation);
    enqueue(place, async () => {
      const message = (id: string): HttpMessage =>
        activity({ ...aPress(world.serviceUrl, place, { verb: "refresh", watch: card.watch }), id });
      await ask({ deed: "refresh", via: "chat", place, operations: [card.operation.id], message });
    });
  }

  function remove(conversation: number, told: boolean): void {
    if (removed.has(conversation)) return;
    removed.add(conversation);
    const place = placeOf(conversation);
    enqueue(place, async () => {
      const isChannel = place.kind === "channel";
      world.tell({ kind: "remove", conversation: bare(place), status: isChannel || told ? 403 : 404 });
      if (!told) return;
      const message = (id: string): HttpMessage =>
        activity(
          isChannel
            ? anotherActivity(world.serviceUrl, place, {
                id,
                type: "conversationUpdate",
                channelData: {
                  tenant: { id: place.tenant },
                  eventType: "channelDeleted",
                  channel: { id: bare(place) },
                  // Without a team the SDK takes it for nothing.
                  team: { id: bare(place) },
                },
              })
            : { ...anInstallation(world.serviceUrl, place, "remove"), id },
        );
      await ask({ deed: "remove", via: "chat", place, operations: [], message });
    });
  }

  return {
    async greet() {
      for (const place of load.conversations) {
        enqueue(place, async () => {
          const message = (id: string): HttpMessage =>
            activity({ ...anInstallation(world.serviceUrl, place, "add"), id });
          await ask({ deed: "hello", via: "chat", place, operations: [], message });
        });
      }
      await Promise.all(queues.values());
    },
    do(deed) {
      switch (deed.kind) {
        case "track":
          if (removed.has(deed.conversation)) return;
          enqueue(placeOf(deed.conversation), () => track(deed.conversation, deed.operations, deed.via));
          return;
        case "join": {
          const known = tracked[tracked.length - 1 - (deed.by % Math.min(tracked.length, 20))];
          if (known === undefined) return;
          const step = load.tenants.length;
          const conversation = (known.conversation + step) % load.conversations.length;
          const { operation, location } = known;
          const isThere = tracked.some(
            (each) => each.conversation === conversation && each.operation === operation,
          );
          if (isThere || removed.has(conversation)) return;
          const joined = { conversation, operation, location, isStopped: false };
          tracked.push(joined);
          enqueue(placeOf(conversation), () => follow([joined], "chat"));
          return;
        }
        case "stop":
          void stop(deed.how);
          return;
        case "refresh":
          refresh();
          return;
        case "remove":
          remove(deed.conversation, deed.told);
      }
    },
    async settled() {
      await Promise.all(queues.values());
    },
    giveUp() {
      over.abort();
    },
    see(entry) {
      if (entry.kind !== "write" || !entry.isTaken) return;
      const { shown, conversation, at } = entry;
      if (shown.kind === "reply" && shown.text.startsWith(TROUBLE)) {
        troubles = [...troubles.slice(-100), { conversation, at }];
      }
      if (shown.kind !== "card") return;
      const key = `${conversation} ${shown.operation}`;
      const known = cards.get(key);
      cards.set(key, { watch: shown.watch ?? known?.watch ?? "", isLive: shown.watch !== null });
    },
  };
}

/** A conversation without its thread. */
export function bare({ id }: Place): string {
  return id.split(";", 1)[0] ?? id;
}

function activity(body: unknown): HttpMessage {
  return { method: "POST", path: "/api/messages", headers: {}, body };
}

async function send(url: string, { method, path, headers, body }: HttpMessage): Promise<Answer> {
  try {
    const response = await fetch(`${url}${path}`, {
      method,
      headers: { ...headers, "content-type": "application/json" },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(ANSWER_WITHIN_MS),
    });
    return { status: response.status, text: await response.text() };
  } catch {
    return { status: null, text: "" };
  }
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms);
  });
}
