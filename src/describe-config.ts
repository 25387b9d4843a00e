import type { Config } from "./config.ts";

/** In one line, and nothing of it secret. */
export function describeConfig({ bot, graph, database, trackAccess, servedTenants }: Config): string {
  const who = bot.mode === "local" ? "local mode" : `${bot.registration.type} bot ${bot.registration.appId}`;
  const tenants = servedTenants === null ? "every tenant" : [...servedTenants].join(", ");
  const asks =
    graph.credential === null
      ? "without a token"
      : `as ${graph.credential.clientId} by ${graph.credential.kind}`;
  return `${who}; serves ${bot.mode === "local" ? "this machine" : tenants}; asks ${graph.origin} ${asks}; ${databaseNamed(database)} database; TRACK_ACCESS=${trackAccess}.`;
}

function databaseNamed(database: Config["database"]): string {
  const { home } = database;
  return home === "embedded" || database.backend === "postgres" ? home : `${home} (${database.backend})`;
}
