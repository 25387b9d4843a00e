import type { Fault } from "./faults.ts";
import type { Check, Entry, Write } from "./log.ts";

/** A world's log made by hand: one conversation that follows one operation, its instants in seconds. */
export const CONVERSATION = "19:chat@thread.v2";
export const OPERATION = "3a6fdce1-c261-48bc-89de-1cfef658c0d5";
const TENANT = "7f8a1c52-3b0e-4d67-9a41-5e2c6f0b9d13";

const MS = 1_000;

export function aBegin(): Entry {
  return { kind: "begin", at: 0, seed: 1, home: "postgres", intervalMs: 2_000, minimumIntervalMs: 1_500 };
}

export function anOperation(fields: Partial<Extract<Entry, { kind: "operation" }>> = {}): Entry {
  return {
    kind: "operation",
    at: 0,
    id: OPERATION,
    tenant: TENANT,
    chat: null,
    end: "succeeded",
    endsAt: 5 * MS,
    ...fields,
  };
}

export function acknowledged(
  s: number,
  deed: Extract<Entry, { kind: "acknowledged" }>["deed"] = "track",
): Entry {
  return { kind: "acknowledged", at: s * MS, deed, conversation: CONVERSATION, operations: [OPERATION] };
}

export function aCheck(s: number, fields: Partial<Check> = {}): Check {
  const at = s * MS;
  return {
    kind: "check",
    at,
    sentAt: at - 2,
    replica: 0,
    tenant: TENANT,
    operation: OPERATION,
    chat: null,
    status: 200,
    graphStatus: "inProgress",
    attempts: 1,
    retryAfterMs: null,
    deliveredAt: at + 20,
    hasToken: false,
    ...fields,
  };
}

type CardFields = Partial<Extract<Write["shown"], { kind: "card" }>>;

/** An edit of the card; with `method: "POST"` its post. */
export function aCard(s: number, shown: CardFields = {}, fields: Partial<Write> = {}): Write {
  const standing = shown.standing ?? "in progress";
  const status = shown.status === undefined ? "inProgress" : shown.status;
  const attempts = shown.attempts === undefined ? 1 : shown.attempts;
  return aWrite(
    s,
    {
      kind: "card",
      operation: OPERATION,
      watch: "watch-1",
      standing,
      status,
      attempts,
      print: `${standing} ${status ?? ""} ${attempts ?? ""}`,
      ...shown,
    },
    fields,
  );
}

export function aPost(s: number, fields: Partial<Write> = {}): Write {
  return aCard(s, { standing: "asking", status: null, attempts: null }, { method: "POST", ...fields });
}

export function aPing(s: number, fields: Partial<Write> = {}): Write {
  return aWrite(
    s,
    { kind: "ping", operation: OPERATION },
    { method: "POST", activity: `ping-${s}`, ...fields },
  );
}

export function aWrite(s: number, shown: Write["shown"], fields: Partial<Write> = {}): Write {
  const at = s * MS;
  return {
    kind: "write",
    at,
    sentAt: at - 2,
    method: "PUT",
    conversation: CONVERSATION,
    activity: "card-1",
    shown,
    isTaken: true,
    status: 200,
    retryAfterMs: null,
    deliveredAt: at + 30,
    hasToken: false,
    ...fields,
  };
}

export function aFault(s: number, fault: Fault): Entry {
  return { kind: "fault", at: s * MS, until: s * MS + fault.forMs, fault };
}

export function aReplica(
  s: number,
  what: Extract<Entry, { kind: "replica" }>["what"],
  detail = "",
  replica = 0,
): Entry {
  return { kind: "replica", at: s * MS, replica, what, detail };
}

/** All that happens when nothing goes wrong. */
export function aGoodLog(): readonly Entry[] {
  return [
    aBegin(),
    anOperation(),
    acknowledged(1),
    aPost(1.1),
    aCheck(1.2),
    aCard(1.4),
    aCheck(3.3),
    aCheck(5.5, { graphStatus: "succeeded" }),
    aCard(5.7, { standing: "succeeded", status: "succeeded" }),
    aPing(5.9),
    { kind: "end", at: 10 * MS },
  ];
}
