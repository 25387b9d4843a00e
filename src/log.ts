import { pino } from "pino";
import type { LogLevel } from "./config.ts";
import type { Log, LogEvent } from "./flows/log-event.ts";

const LEVELS: Readonly<Partial<Record<LogEvent["event"], "debug" | "warn" | "error">>> = {
  "app.cutShort": "warn",
  "engine.broken": "error",
  "checks.done": "debug",
  "checks.paused": "warn",
  "checks.failed": "error",
  "command.failed": "error",
  "turn.failed": "error",
  "delivery.delayed": "warn",
  "delivery.rejected": "error",
  "delivery.untold": "error",
  "delivery.failed": "error",
  "sweep.failed": "error",
  "count.failed": "warn",
  "engine.trouble": "warn",
  "engine.warning": "warn",
  "http.refused": "warn",
  "token.failed": "error",
  "api.failed": "error",
  "callback.failed": "error",
  "callback.givenUp": "warn",
  "card.lost": "warn",
  "roster.failed": "warn",
};

/** Refusals and the engine's troubles of one kind are worth a warning this often. */
const TOLD_AGAIN_MS = 60_000;
const MAX_TOLD = 100;

/** Of what can come many times a second: what makes it the same. */
function keyOf(event: LogEvent): string | null {
  if (event.event === "http.refused") return `${event.status} ${event.reason}`;
  return event.event === "engine.trouble" ? event.error : null;
}

/** One JSON object a line on stdout. */
export function createLog(level: LogLevel): Log {
  const logger = pino({ level, base: null, timestamp: pino.stdTimeFunctions.isoTime });
  const told = new Map<string, number>();

  /** Whoever knocks at the door could fill a log; and that a bot hears nothing but strangers must be in it. */
  function isRepeated(event: LogEvent): boolean {
    const key = keyOf(event);
    if (key === null) return false;
    if ((told.get(key) ?? 0) > Date.now()) return true;
    if (told.size >= MAX_TOLD) told.clear();
    told.set(key, Date.now() + TOLD_AGAIN_MS);
    return false;
  }

  return (event) => logger[isRepeated(event) ? "debug" : (LEVELS[event.event] ?? "info")](event);
}
