import { pino } from "pino";
import type { LogLevel } from "./config.ts";
import type { Log, LogEvent } from "./flows/log-event.ts";

const LEVELS: Readonly<Partial<Record<LogEvent["event"], "debug" | "warn" | "error">>> = {
  "checks.done": "debug",
  "checks.paused": "warn",
  "checks.failed": "error",
  "command.failed": "error",
  "turn.failed": "error",
  "delivery.delayed": "warn",
  "delivery.rejected": "error",
  "delivery.failed": "error",
  "sweep.failed": "error",
  "engine.trouble": "warn",
  "http.refused": "debug",
};

/** One JSON object a line on stdout. */
export function createLog(level: LogLevel): Log {
  const logger = pino({ level, base: null, timestamp: pino.stdTimeFunctions.isoTime });
  return (event) => logger[LEVELS[event.event] ?? "info"](event);
}
