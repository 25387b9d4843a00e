import { startApp } from "./app.ts";
import { ConfigError, readConfig } from "./config.ts";
import { ListenError } from "./http/server.ts";
import { describeFault, type Log } from "./flows/log-event.ts";
import { createLog } from "./log.ts";
import { useProxies } from "./proxies.ts";
import { DatabaseError } from "./store/database.ts";
import { DirectoryInUseError } from "./store/directory-in-use-error.ts";

/** Faults of the environment: their message says what to do, and a stack trace would hide it. */
function isForTheOperator(error: unknown): error is Error {
  return (
    error instanceof ConfigError ||
    error instanceof ListenError ||
    error instanceof DatabaseError ||
    error instanceof DirectoryInUseError
  );
}

/** A second less than others give us: on a slow machine the timer itself is late, and so is the end. */
const STOP_WITHIN_MS = 9_000;

/** Answers with the exit code. */
async function untilStopped(): Promise<number> {
  const config = readConfig(process.env);
  useProxies(process.env);
  const log = createLog(config.logLevel);
  const stop = Promise.withResolvers<NodeJS.Signals>();
  let isStopping = false;
  // The first one ends the work in hand; a second one, of either kind, does not wait for it.
  const onSignal = (signal: NodeJS.Signals): void => {
    if (isStopping) process.exit(1);
    isStopping = true;
    endSoon(log);
    stop.resolve(signal);
  };
  process.on("SIGINT", onSignal);
  process.on("SIGTERM", onSignal);
  let exitCode = 0;
  {
    await using app = await startApp(config, log);
    void app.signIn();
    const signal = await Promise.race([stop.promise, app.broken.then((error) => ({ error }))]);
    if (typeof signal === "string") log({ event: "app.stopping", signal });
    else {
      log({ event: "engine.broken", error: describeFault(signal.error) });
      exitCode = 1;
      endSoon(log);
    }
  }
  log({ event: "app.stopped" });
  return exitCode;
}

/** Whatever hangs, a start included: what is not saved by then is found again by the next one. */
function endSoon(log: Log): void {
  setTimeout(() => {
    log({ event: "app.cutShort" });
    process.exit(1);
  }, STOP_WITHIN_MS).unref();
}

/** The bot, until a signal ends it; the process ends with it. */
export async function run(): Promise<never> {
  try {
    process.exit(await untilStopped());
  } catch (error) {
    if (!isForTheOperator(error)) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exit(1);
  }
}
