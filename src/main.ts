import { startApp } from "./app.ts";
import { ConfigError, readConfig } from "./config.ts";
import { ListenError } from "./http/server.ts";
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

const STOP_WITHIN_MS = 10_000;

async function main(): Promise<void> {
  const config = readConfig(process.env);
  useProxies(process.env);
  const log = createLog(config.logLevel);
  const stop = Promise.withResolvers<NodeJS.Signals>();
  let isStopping = false;
  // The first one ends the work in hand; a second one, of either kind, does not wait for it.
  const onSignal = (signal: NodeJS.Signals): void => {
    if (isStopping) process.exit(1);
    isStopping = true;
    // Whatever hangs, a start included: what is not saved by then is found again by the next one.
    setTimeout(() => {
      log({ event: "app.cutShort" });
      process.exit(0);
    }, STOP_WITHIN_MS).unref();
    stop.resolve(signal);
  };
  process.on("SIGINT", onSignal);
  process.on("SIGTERM", onSignal);
  {
    await using app = await startApp(config, log);
    void app.signIn();
    log({ event: "app.stopping", signal: await stop.promise });
  }
  log({ event: "app.stopped" });
}

try {
  await main();
  process.exit(0);
} catch (error) {
  if (!isForTheOperator(error)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exit(1);
}
