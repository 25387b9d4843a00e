import type { Reader } from "./config-reader.ts";
import { Secret } from "./secret.ts";

const EXAMPLE = "DATABASE_URL=postgres://user:password@127.0.0.1:5432/opwatch";
const DATABASE_BACKENDS = ["postgres", "citus", "yugabytedb", "cockroachdb"] as const;
/** What answers at DATABASE_URL: PostgreSQL, or one of the engines that speak as it does. */
type DatabaseBackend = (typeof DATABASE_BACKENDS)[number];

export type DatabaseSettings =
  | { readonly home: "embedded"; readonly directory: string }
  | { readonly home: "server"; readonly url: Secret; readonly backend: DatabaseBackend };

export function readDatabase(read: Reader): DatabaseSettings {
  const url = read.text("DATABASE_URL");
  const backend = read.choice("DATABASE_BACKEND", DATABASE_BACKENDS, "postgres");
  if (url === null) {
    if (read.text("DATABASE_BACKEND") !== null) {
      read.wrong("DATABASE_BACKEND", "says what answers at DATABASE_URL, and there is none", EXAMPLE);
    }
    return { home: "embedded", directory: read.text("DATA_DIR") ?? ".opwatch" };
  }
  if (!/^postgres(?:ql)?:\/\//u.test(url) || !URL.canParse(url) || holdsOpenPassword(new URL(url))) {
    // Its value may hold a password, so it is not repeated.
    read.wrong(
      "DATABASE_URL",
      "is no PostgreSQL address (in its password # / @ : ? are written %23 %2F %40 %3A %3F)",
      EXAMPLE,
    );
  }
  return { home: "server", url: new Secret(url), backend };
}

/** After one of / ? # in a password that begins with digits, its rest and the host are taken for a path. */
function holdsOpenPassword({ pathname, search, hash }: URL): boolean {
  return hash !== "" || `${pathname}${search}`.includes("@");
}
