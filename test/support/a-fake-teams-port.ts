import type { CardView } from "../../src/core/card-view.ts";
import type { ConversationId, EpochMs } from "../../src/core/ids.ts";
import type { Conversation, Teams, TeamsResult } from "../../src/flows/ports.ts";

export type PortWrite = {
  readonly kind: "post" | "update" | "ping" | "notice";
  readonly conversation: ConversationId;
  /** The card's message; null for what is not there yet. */
  readonly activityId: string | null;
  /** What it says: "op-1: running". */
  readonly text: string;
  readonly at: EpochMs;
};

/** What Teams makes of a write; null: it takes it. */
type React = (write: PortWrite) => TeamsResult | null | Promise<TeamsResult | null>;

/** Teams in memory: keeps what each message shows and every write that reached it, taken or not. */
export type FakeTeamsPort = Teams & {
  readonly attempts: readonly PortWrite[];
  /** The attempts that Teams took. */
  readonly taken: readonly PortWrite[];
  /** What each card shows now, by message. */
  readonly cards: ReadonlyMap<string, string>;
  react: React;
};

export function aFakeTeamsPort(now: () => EpochMs): FakeTeamsPort {
  const attempts: PortWrite[] = [];
  const taken: PortWrite[] = [];
  const cards = new Map<string, string>();

  async function write(
    kind: PortWrite["kind"],
    { id: conversation }: Conversation,
    activityId: string | null,
    text: string,
  ): Promise<TeamsResult> {
    const attempt = { kind, conversation, activityId, text, at: now() };
    attempts.push(attempt);
    // Now: another write may come in between.
    const given = activityId ?? `message-${attempts.length}`;
    const refusal = await fake.react(attempt);
    if (refusal !== null && refusal.kind !== "done") return refusal;
    taken.push({ ...attempt, activityId: given });
    if (kind === "post" || kind === "update") cards.set(given, text);
    return refusal ?? { kind: "done", activityId: given };
  }

  const fake: FakeTeamsPort = {
    attempts,
    taken,
    cards,
    react: () => null,
    render: (view) => ({ card: {}, summary: textOf(view), fingerprint: JSON.stringify(view) }),
    postCard: (to, _threadId, { summary }) => write("post", to, null, summary),
    updateCard: (to, _threadId, activityId, { summary }) => write("update", to, activityId, summary),
    postMessage: (message, to, _threadId, requester, view) =>
      write(message, to, null, `${requester.name}, ${textOf(view)}`),
  };
  return fake;
}

function textOf(view: CardView): string {
  return `${view.operation}: ${view.standing}${view.attempts === null ? "" : ` ${view.attempts}`}`;
}
