import { customType } from "drizzle-orm/pg-core";

/** A backslash that is a text's own, a NUL, or half of a surrogate pair, as JSON.stringify writes them. */
const ESCAPES = /\\\\|\\u0000|\\ud[89a-f][0-9a-f]{2}/gu;

/**
 * JSON that `jsonb` takes: it refuses a NUL and half a surrogate pair, and with them the whole
 * statement, however many rows it holds.
 */
export function toJsonb(value: unknown): string {
  return JSON.stringify(value).replace(ESCAPES, (escape) => {
    if (escape === "\\\\") return escape;
    return escape === "\\u0000" ? "" : "\ufffd";
  });
}

/** A `jsonb` column; the drivers give it parsed. */
// The type is the one that Drizzle infers; written out it would be a page.
// eslint-disable-next-line typescript/no-unnecessary-type-parameters
export function jsonb<Data>() {
  return customType<{ data: Data; driverData: unknown }>({
    dataType: () => "jsonb",
    toDriver: toJsonb,
    // What is in the column was written by us, with this type.
    // eslint-disable-next-line typescript/no-unsafe-type-assertion
    fromDriver: (value) => value as Data,
  })();
}
