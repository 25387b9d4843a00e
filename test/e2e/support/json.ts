export type JsonRecord = Readonly<Record<string, unknown>>;

export function isRecord(value: unknown): value is JsonRecord {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

export function parseJson(text: string): unknown {
  const value: unknown = JSON.parse(text);
  return value;
}

/** The object under `key`, or an empty one, so that reads can be chained. */
export function recordAt(value: unknown, key: string): JsonRecord {
  const inner = isRecord(value) ? value[key] : undefined;
  return isRecord(inner) ? inner : {};
}

export function textAt(value: unknown, key: string): string | null {
  const inner = isRecord(value) ? value[key] : undefined;
  return typeof inner === "string" ? inner : null;
}

export function numberAt(value: unknown, key: string): number | null {
  const inner = isRecord(value) ? value[key] : undefined;
  return typeof inner === "number" ? inner : null;
}

export function listAt(value: unknown, key: string): readonly unknown[] {
  const inner = isRecord(value) ? value[key] : undefined;
  return Array.isArray(inner) ? inner : [];
}
