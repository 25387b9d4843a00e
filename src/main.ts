/**
 * Loading takes seconds, and a container's first process hears no signal that it has no handler for. What has not
 * begun has nothing to end.
 */
const endAtOnce = (): never => process.exit(0);
process.on("SIGINT", endAtOnce);
process.on("SIGTERM", endAtOnce);
const { run } = await import("./run.ts");
const ended = run();
process.off("SIGINT", endAtOnce);
process.off("SIGTERM", endAtOnce);
await ended;
