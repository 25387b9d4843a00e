import type { DatabaseConfig } from "../../src/store/database.ts";

/** The settings that name a database to a process. */
export function environmentOf(config: DatabaseConfig): Readonly<Record<string, string>> {
  return config.home === "embedded" ? { DATA_DIR: config.directory } : { DATABASE_URL: config.url };
}
