#!/usr/bin/env node
// Runs the command line, which is TypeScript, wherever the package lies: Node itself strips no types
// below node_modules.
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import * as nodeModule from "node:module";
import { fileURLToPath } from "node:url";

const root = new URL("../", import.meta.url);
const [major = 0] = process.versions.node.split(".").map(Number);
const ownNode = fileURLToPath(new URL("node_modules/node/bin/node", root));

if (major < 24 && existsSync(ownNode)) {
  const args = [fileURLToPath(import.meta.url), ...process.argv.slice(2)];
  const { status } = spawnSync(ownNode, args, { stdio: "inherit" });
  process.exit(status ?? 3);
}
if (major < 24) {
  process.stderr.write(`opwatch needs Node.js 24 or newer; this is ${process.versions.node}.\n`);
  process.exit(3);
}
// The only one there is to expect: stripping types is young.
process.removeAllListeners("warning");
nodeModule.registerHooks({
  load(url, context, nextLoad) {
    if (!url.startsWith(root.href) || !url.endsWith(".ts")) return nextLoad(url, context);
    const { source } = nextLoad(url, { ...context, format: "module" });
    const text = typeof source === "string" ? source : Buffer.from(source).toString("utf8");
    return { format: "module", source: nodeModule.stripTypeScriptTypes(text), shortCircuit: true };
  },
});
await import(new URL("src/cli/main.ts", root).href);
