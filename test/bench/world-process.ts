import { startSandbox } from "../../src/sandbox/server.ts";

// The rule of intervals is off: here the rate is measured, and the rule has its own tests.
const sandbox = await startSandbox({ minimumIntervalMs: 0, recordChecks: false });
process.send?.(sandbox.url);
process.once("disconnect", () => process.exit(0));
