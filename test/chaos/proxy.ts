import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";
import { now } from "./clock.ts";
import type { LineTrouble } from "./faults.ts";

/** A TCP connection through us: whatever passes can be slowed down, held back, cut. */
export type Proxy = AsyncDisposable & {
  readonly port: number;
  /** Null: the line is well. */
  trouble(trouble: LineTrouble | null): void;
  /** Nothing comes through from now on, and the server does not hear that its clients are gone. */
  abandon(): void;
  /** Whether the connection with this port at our end came through here. */
  knows(remotePort: number): boolean;
  /** When the request that comes by this connection left its sender. */
  sentAt(remotePort: number): number;
  /** Resolves with the instant when so many bytes of answers were passed on, or null if they never will be. */
  delivered(remotePort: number, bytes: number): Promise<number | null>;
};

/** What a line costs without any trouble. */
const LATENCY_MS = 2;

/**
 * What the sender of a broken connection had sent and we had not passed on yet is dropped: a network
 * that delivers it minutes later is not simulated.
 */
export async function startProxy(target: { readonly host: string; readonly port: number }): Promise<Proxy> {
  const lines = new Set<Line>();
  const byPort = new Map<number, Line>();
  let trouble: LineTrouble | null = null;

  const server = createServer((client) => {
    if (trouble?.kind === "refuse") {
      client.resetAndDestroy();
      return;
    }
    const upstream = connect(target.port, target.host);
    const line = new Line(client, upstream, () => trouble);
    lines.add(line);
    // A closed socket does not know its port any more.
    let port = 0;
    upstream.once("connect", () => {
      port = upstream.localPort ?? 0;
      byPort.set(port, line);
    });
    line.onEnd(() => {
      lines.delete(line);
      // The server may still ask for what became of its last answer. By then the port may be another's.
      setTimeout(() => {
        if (byPort.get(port) === line) byPort.delete(port);
      }, 5_000).unref();
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();

  return {
    port: typeof address === "object" && address !== null ? address.port : 0,
    trouble(next) {
      trouble = next;
      if (next?.kind === "reset" || next?.kind === "refuse") for (const line of lines) line.cut();
      if (next?.kind === "reset") trouble = null;
      for (const line of lines) line.pump();
    },
    abandon() {
      for (const line of lines) line.abandon();
    },
    knows: (remotePort) => byPort.has(remotePort),
    sentAt: (remotePort) => byPort.get(remotePort)?.requestAt ?? now(),
    delivered: (remotePort, bytes) => byPort.get(remotePort)?.delivered(bytes) ?? Promise.resolve(null),
    [Symbol.asyncDispose]: async () => {
      for (const line of lines) line.close();
      server.close();
      await once(server, "close");
    },
  };
}

/** One connection, both ways. */
class Line {
  requestAt = now();
  readonly #client: Socket;
  readonly #upstream: Socket;
  readonly #up: Pipe;
  readonly #down: Pipe;
  #isAnswering = true;
  #waiting: { readonly bytes: number; readonly resolve: (at: number | null) => void }[] = [];
  #isOver = false;
  #isAbandoned = false;
  #ends: (() => void)[] = [];

  constructor(client: Socket, upstream: Socket, trouble: () => LineTrouble | null) {
    this.#client = client;
    this.#upstream = upstream;
    client.setNoDelay(true);
    upstream.setNoDelay(true);
    this.#up = new Pipe(upstream, trouble, null, () => undefined);
    this.#down = new Pipe(
      client,
      trouble,
      () => this.cut(),
      () => this.#settle(),
    );
    client.on("data", (chunk: Buffer) => {
      // The first words after an answer are a new request.
      if (this.#isAnswering) {
        this.requestAt = now();
        this.#isAnswering = false;
      }
      this.#up.push(chunk);
    });
    upstream.on("data", (chunk: Buffer) => {
      this.#isAnswering = true;
      this.#down.push(chunk);
    });
    for (const socket of [client, upstream]) socket.on("error", () => undefined);
    client.on("close", () => this.#over());
    upstream.on("close", () => this.#down.end(() => client.destroy()));
  }

  onEnd(listener: () => void): void {
    this.#ends.push(listener);
  }

  pump(): void {
    this.#up.pump();
    this.#down.pump();
  }

  cut(): void {
    if (!this.#client.destroyed) this.#client.resetAndDestroy();
    this.#over();
  }

  abandon(): void {
    this.#isAbandoned = true;
    this.#client.pause();
    this.#upstream.pause();
    this.#up.drop();
    this.#down.drop();
  }

  /** Also an abandoned one. */
  close(): void {
    this.cut();
    this.#upstream.destroy();
  }

  delivered(bytes: number): Promise<number | null> {
    return new Promise((resolve) => {
      this.#waiting.push({ bytes, resolve });
      this.#settle();
    });
  }

  #settle(): void {
    const isPassed = ({ bytes }: { readonly bytes: number }): boolean => this.#down.passed >= bytes;
    for (const { resolve } of this.#waiting.filter(isPassed)) resolve(now());
    const left = this.#waiting.filter((each) => !isPassed(each));
    if (this.#isOver) for (const { resolve } of left) resolve(null);
    this.#waiting = this.#isOver ? [] : left;
  }

  #over(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    if (!this.#isAbandoned) this.#upstream.destroy();
    this.#up.drop();
    this.#down.drop();
    this.#settle();
    if (this.#isAbandoned) return;
    for (const listener of this.#ends) listener();
  }
}

/** One direction: bytes leave in order, each when its time has come. */
class Pipe {
  passed = 0;
  readonly #to: Socket;
  readonly #trouble: () => LineTrouble | null;
  /** Null: what goes this way is never truncated. */
  readonly #cut: (() => void) | null;
  readonly #onPassed: () => void;
  #queue: { readonly chunk: Buffer; readonly dueAt: number }[] = [];
  #lastDueAt = 0;
  #timer: NodeJS.Timeout | null = null;
  #afterLast: (() => void) | null = null;

  constructor(to: Socket, trouble: () => LineTrouble | null, cut: (() => void) | null, onPassed: () => void) {
    this.#to = to;
    this.#trouble = trouble;
    this.#cut = cut;
    this.#onPassed = onPassed;
  }

  push(chunk: Buffer): void {
    const trouble = this.#trouble();
    let ms = LATENCY_MS;
    if (trouble?.kind === "slow") ms = trouble.latencyMs;
    if (trouble?.kind === "trickle") ms = (chunk.length / trouble.bytesPerSecond) * 1_000;
    const dueAt = Math.max(trouble?.kind === "trickle" ? this.#lastDueAt + ms : this.#lastDueAt, now() + ms);
    this.#lastDueAt = dueAt;
    this.#queue.push({ chunk, dueAt });
    this.pump();
  }

  pump(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    const trouble = this.#trouble();
    if (trouble?.kind === "halfOpen") return;
    for (let head = this.#queue[0]; head !== undefined; head = this.#queue[0]) {
      const waitMs = head.dueAt - now();
      if (waitMs > 0.5) {
        this.#timer = setTimeout(() => this.pump(), waitMs);
        return;
      }
      this.#queue.shift();
      if (trouble?.kind === "truncate" && this.#cut !== null && head.chunk.length > trouble.afterBytes) {
        const cut = this.#cut;
        this.#to.write(head.chunk.subarray(0, trouble.afterBytes), () => cut());
        return;
      }
      if (!this.#to.destroyed) this.#to.write(head.chunk);
      this.passed += head.chunk.length;
      this.#onPassed();
    }
    this.#afterLast?.();
  }

  /** Calls back when everything has left. */
  end(callback: () => void): void {
    this.#afterLast = callback;
    if (this.#queue.length === 0) callback();
  }

  drop(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#queue = [];
  }
}
