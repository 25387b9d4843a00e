import { startEngine } from "./engine.ts";

/** One of several engines on a database that is there already: SCALING_DATABASE_URL, SCALING_GRAPH. */
const { SCALING_DATABASE_URL: url = "", SCALING_GRAPH: graphUrl = "" } = process.env;
const place = { config: { home: "server", url }, [Symbol.asyncDispose]: () => Promise.resolve() } as const;
const world = { graphUrl, operations: () => Promise.resolve([]) };
const engine = await startEngine(world, { name: "PostgreSQL", make: () => Promise.resolve(place) }, 0);
process.on("message", () => process.send?.(engine.checked()));
// What is under way is finished, so that the next ones find all of it.
process.once("disconnect", () => void engine[Symbol.asyncDispose]().then(() => process.exit(0)));
process.send?.("ready");
