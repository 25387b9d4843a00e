import { spawn, type ChildProcess } from "node:child_process";
import { createWriteStream, type WriteStream } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { START_OPTIONS } from "../support/start-options.ts";
import { now } from "./clock.ts";
import type { Entry } from "./log.ts";

/** The processes of Opwatch: each is up again some time after it was killed. */
export type Replicas = AsyncDisposable & {
  /** The addresses of those that answer. */
  ready(): readonly { readonly replica: number; readonly url: string }[];
  /** Resolves when all have said that they are ready, or could have for long. */
  allReady(): Promise<void>;
  /** Whether it was there to be killed. */
  kill(replica: number, downMs: number, signal: "SIGKILL" | "SIGTERM", environment?: Environment): boolean;
  freeze(replica: number, forMs: number): void;
};

type Environment = Readonly<Record<string, string>>;

type Slot = {
  child: ChildProcess | null;
  url: string | null;
  next: NodeJS.Timeout | null;
  environment: Environment;
  frozenUntil: number;
  log: WriteStream;
};

const MAIN = fileURLToPath(new URL("../../src/main.ts", import.meta.url));
const WRONG_CLOCK = new URL("./wrong-clock.ts", import.meta.url).href;
/** When it can't start, as while the database is away. */
const START_AGAIN_MS = 500;
const READY_WITHIN_MS = 90_000;

export function startReplicas(options: {
  readonly count: number;
  readonly environment: (replica: number) => Environment;
  /** Where their own logs go. */
  readonly directory: string;
  /** Where the program is. */
  readonly main?: string;
  readonly log: (entry: Entry) => void;
}): Replicas {
  let isOver = false;
  let changed = Promise.withResolvers<void>();
  const slots = Array.from({ length: options.count }, (_, index): Slot => {
    const file = join(options.directory, `replica-${index}.log`);
    return {
      child: null,
      url: null,
      next: null,
      environment: {},
      frozenUntil: 0,
      log: createWriteStream(file),
    };
  });

  function note(replica: number, what: Extract<Entry, { kind: "replica" }>["what"], detail = ""): void {
    options.log({ kind: "replica", at: now(), replica, what, detail });
  }

  function start(replica: number): void {
    const slot = slots[replica];
    if (slot === undefined || isOver) return;
    slot.next = null;
    const { CHAOS_CLOCK_MS } = slot.environment;
    const preload = CHAOS_CLOCK_MS === undefined ? [] : ["--import", WRONG_CLOCK];
    const child = spawn(process.execPath, [...START_OPTIONS, ...preload, options.main ?? MAIN], {
      env: {
        PATH: process.env["PATH"] ?? "",
        OPWATCH_LOCAL: "1",
        PORT: "0",
        LOG_LEVEL: "debug",
        // They start often.
        NODE_COMPILE_CACHE: join(options.directory, "compiled"),
        ...options.environment(replica),
        ...slot.environment,
      },
      stdio: ["ignore", "pipe", "pipe"],
    });
    slot.child = child;
    note(replica, "started", CHAOS_CLOCK_MS ?? "");
    let head = "";
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding("utf8");
      stream.on("data", (chunk: string) => {
        slot.log.write(chunk);
        if (slot.url !== null || slot.child !== child) return;
        head += chunk;
        const url = /"event":"app.ready","address":"([^"]+)"/u.exec(head)?.[1];
        if (url === undefined) return;
        slot.url = url;
        note(replica, "ready");
        changed.resolve();
      });
    }
    child.once("exit", (code, signal) => {
      slot.log.write(`--- ended with ${signal ?? code}\n`);
      if (slot.child !== child) return;
      note(replica, "ended", String(signal ?? code));
      slot.child = null;
      slot.url = null;
      // By itself: it could not start, or it fell.
      if (slot.next === null && !isOver) slot.next = setTimeout(() => start(replica), START_AGAIN_MS);
    });
  }

  for (const index of slots.keys()) start(index);
  return {
    ready: () => slots.flatMap(({ url }, replica) => (url === null ? [] : [{ replica, url }])),
    async allReady() {
      const deadline = now() + READY_WITHIN_MS;
      while (slots.some(({ url }) => url === null) && now() < deadline) {
        changed = Promise.withResolvers();
        await Promise.race([changed.promise, sleep(1_000)]);
      }
    },
    kill(replica, downMs, signal, environment = {}) {
      const slot = slots[replica];
      if (slot === undefined || slot.child === null || slot.next !== null) return false;
      // On a slow machine nothing would ever be up.
      if (slots.every(({ url }) => url === null)) return false;
      slot.environment = environment;
      slot.url = null;
      note(replica, "killed", signal);
      const { child } = slot;
      slot.next = setTimeout(() => {
        // One that was asked to end may take its time; the next one waits for it, as for a directory.
        if (slot.child === child && signal === "SIGTERM") child.once("exit", () => start(replica));
        else start(replica);
      }, downMs);
      child.kill("SIGCONT");
      child.kill(signal);
      return true;
    },
    freeze(replica, forMs) {
      const child = slots[replica]?.child;
      if (child === null || child === undefined) return;
      child.kill("SIGSTOP");
      setTimeout(() => child.kill("SIGCONT"), forMs);
    },
    [Symbol.asyncDispose]: async () => {
      isOver = true;
      for (const slot of slots) {
        if (slot.next !== null) clearTimeout(slot.next);
        const { child } = slot;
        if (child === null) continue;
        const ended = new Promise((resolve) => {
          child.once("exit", resolve);
        });
        child.kill("SIGKILL");
        await ended;
        slot.log.end();
      }
    },
  };
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms);
  });
}
