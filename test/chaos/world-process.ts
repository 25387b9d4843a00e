import { Random } from "../fuzz/random.ts";
import { startGraph } from "./graph.ts";
import type { Entry } from "./log.ts";
import { startTeams } from "./teams.ts";
import { watchLag } from "./watch-lag.ts";
import type { FromWorld, ToWorld, WorldSettings } from "./world.ts";

/** Graph and Teams in a process of their own. What happens there is told to the parent, a few entries at a time. */
const settings = await new Promise<WorldSettings>((resolve) => {
  process.once("message", resolve);
});
const { seed, tenants, conversations, replicas, minimumIntervalMs } = settings;
const TELL_EVERY_MS = 50;

let entries: Entry[] = [];
const log = (entry: Entry): void => void entries.push(entry);
const tell = (message: FromWorld): void => void process.send?.(message);

const tenantOf = new Map(conversations.map(({ id, tenant }) => [id.split(";", 1)[0] ?? id, tenant]));
const graph = await startGraph({ tenants, replicas, minimumIntervalMs, random: new Random(seed, 3), log });
const teams = await startTeams({ seed, tenantOf: (id) => tenantOf.get(id) ?? "", log });

setInterval(() => {
  if (entries.length === 0) return;
  tell({ kind: "entries", entries });
  entries = [];
}, TELL_EVERY_MS);

watchLag(log);

process.on("message", (message: ToWorld) => {
  switch (message.kind) {
    case "add":
      tell({ kind: "added", id: message.operation.id, location: graph.add(message.operation) });
      return;
    case "graphStorm":
      graph.storm(message.fault);
      return;
    case "graphFails":
      graph.fail(message.fault);
      return;
    case "teamsStorm":
      teams.storm(message.fault);
      return;
    case "teamsFails":
      teams.fail(message.fault);
      return;
    case "line":
      (message.to === "teams" ? teams.line : graph.lines[message.replica])?.trouble(message.trouble);
      return;
    case "jump":
      graph.jump(message.byMs);
      return;
    case "deleteCard":
      teams.deleteCard();
      return;
    case "remove":
      teams.remove(message.conversation, message.status);
  }
});
process.once("disconnect", () => process.exit(0));

tell({ kind: "ready", serviceUrl: teams.serviceUrl, graphPorts: graph.lines.map(({ port }) => port) });
