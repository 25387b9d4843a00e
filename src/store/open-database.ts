import type { Database, DatabaseConfig } from "./database.ts";
import { openEmbedded } from "./embedded.ts";
import { openServer } from "./server.ts";

export function openDatabase(config: DatabaseConfig): Promise<Database> {
  return config.home === "embedded" ? openEmbedded(config.directory) : openServer(config);
}
