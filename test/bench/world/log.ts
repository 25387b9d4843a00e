/** What happened, as the world saw it. */
export const KIND = {
  /** One operation was asked for, by itself or in a batch, and answered. */
  check: 0,
  /** The same, refused with 429. */
  refusedCheck: 1,
  /** A request to Graph; a batch is one. */
  request: 2,
  cardPosted: 3,
  cardEdited: 4,
  /** A write that holds no card: replies, final messages. */
  message: 5,
  /** A write that Teams refused with 429. */
  refusedWrite: 6,
} as const;

/** How far an operation is: in an answer of Graph, or on a card. */
export const PHASE = { waiting: 0, running: 1, succeeded: 2, failed: 3 } as const;

/** Which limit of Graph's a refused check passed; in the column of the phase, which it has none of. */
export const REFUSED_FOR = { tenant: 0, allTenants: 1, pause: 2 } as const;

export type Columns = {
  readonly length: number;
  readonly kind: Uint8Array;
  /** When the request came. */
  readonly at: Float64Array;
  /** When it was answered; NaN: not yet. */
  readonly answeredAt: Float64Array;
  /** -1: none. */
  readonly operation: Int32Array;
  readonly chat: Int32Array;
  readonly tenant: Int32Array;
  readonly phase: Uint8Array;
};

type Entry = {
  readonly kind: number;
  readonly at: number;
  readonly operation?: number;
  readonly chat?: number;
  readonly tenant?: number;
  readonly phase?: number;
};

/** A log in columns: some 30 bytes for an entry, and no garbage. */
export class Log {
  #columns: Columns = empty(1 << 16);
  #length = 0;

  /** The entry's number, for `answered`. */
  add({ kind, at, operation = -1, chat = -1, tenant = -1, phase = 0 }: Entry): number {
    const index = this.#length;
    if (index === this.#columns.at.length) this.#columns = resized(this.#columns, 2 * index);
    const columns = this.#columns;
    columns.kind[index] = kind;
    columns.at[index] = at;
    columns.answeredAt[index] = Number.NaN;
    columns.operation[index] = operation;
    columns.chat[index] = chat;
    columns.tenant[index] = tenant;
    columns.phase[index] = phase;
    this.#length += 1;
    return index;
  }

  answered(index: number, at: number): void {
    this.#columns.answeredAt[index] = at;
  }

  columns(): Columns {
    return { ...resized(this.#columns, this.#length), length: this.#length };
  }
}

function empty(capacity: number): Columns {
  return {
    length: 0,
    kind: new Uint8Array(capacity),
    at: new Float64Array(capacity),
    answeredAt: new Float64Array(capacity),
    operation: new Int32Array(capacity),
    chat: new Int32Array(capacity),
    tenant: new Int32Array(capacity),
    phase: new Uint8Array(capacity),
  };
}

function resized(columns: Columns, capacity: number): Columns {
  const copy = empty(capacity);
  copy.kind.set(columns.kind.subarray(0, capacity));
  copy.at.set(columns.at.subarray(0, capacity));
  copy.answeredAt.set(columns.answeredAt.subarray(0, capacity));
  copy.operation.set(columns.operation.subarray(0, capacity));
  copy.chat.set(columns.chat.subarray(0, capacity));
  copy.tenant.set(columns.tenant.subarray(0, capacity));
  copy.phase.set(columns.phase.subarray(0, capacity));
  return copy;
}
