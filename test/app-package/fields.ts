/** What was read from YAML or JSON, taken apart without trusting its shape. */
export function field(value: unknown, name: string): unknown {
  return entries(value).find(([key]) => key === name)?.[1];
}

/** By several names, one below the other; nothing where one of them is left out. */
export function at(value: unknown, ...names: readonly string[]): unknown {
  return names.reduce((found, name) => (found === undefined ? undefined : field(found, name)), value);
}

export function entries(value: unknown): readonly (readonly [string, unknown])[] {
  if (typeof value !== "object" || value === null) throw new Error(`Not a mapping: ${String(value)}`);
  return Object.entries(value);
}

export function keys(value: unknown): readonly string[] {
  return value === undefined ? [] : entries(value).map(([key]) => key);
}

export function list(value: unknown): readonly unknown[] {
  if (!Array.isArray(value)) throw new Error(`Not a list: ${String(value)}`);
  return value;
}
