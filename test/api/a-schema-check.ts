import { within } from "../sandbox/a-sandbox.ts";

type Fields = Readonly<Record<string, unknown>>;

function fieldsOf(value: unknown): Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? { ...value } : {};
}

/** What a pointer such as `#/components/schemas/Watch` names in a document. */
export function resolved(document: unknown, pointer: string): unknown {
  const keys = pointer
    .replace(/^#\//u, "")
    .split("/")
    .map((key) => key.replaceAll("~1", "/").replaceAll("~0", "~"));
  return within(document, ...keys);
}

/** Every `$ref` in a document. */
export function referencesIn(value: unknown): readonly string[] {
  if (Array.isArray(value)) return value.flatMap(referencesIn);
  return Object.entries(fieldsOf(value)).flatMap(([key, inner]) =>
    key === "$ref" && typeof inner === "string" ? [inner] : referencesIn(inner),
  );
}

const KNOWN: ReadonlySet<string> = new Set([
  "$ref",
  "type",
  "enum",
  "const",
  "properties",
  "required",
  "additionalProperties",
  "items",
  "anyOf",
  "oneOf",
  "pattern",
  "minLength",
  "maxLength",
  "minimum",
  "maximum",
  "format",
  "description",
  "default",
]);

/** What is wrong with a value by a schema, as far as OpenAPI documents of ours use JSON Schema. */
export function violations(document: unknown, schema: unknown, value: unknown, at = ""): readonly string[] {
  const rules = fieldsOf(schema);
  const unknown = Object.keys(rules).filter((key) => !KNOWN.has(key));
  if (unknown.length > 0) return [`${at}: the check knows no ${unknown.join(", ")}`];
  const { $ref: ref, anyOf, oneOf } = rules;
  if (typeof ref === "string") return violations(document, resolved(document, ref), value, at);
  const found: string[] = [];
  const inner = (rule: unknown, more: unknown, key: string): void => {
    found.push(...violations(document, rule, more, `${at}/${key}`));
  };
  const fitting = (options: unknown): number =>
    (Array.isArray(options) ? options : []).filter(
      (option) => violations(document, option, value, at).length === 0,
    ).length;
  if (anyOf !== undefined && fitting(anyOf) === 0) found.push(`${at}: fits none of anyOf`);
  if (oneOf !== undefined && fitting(oneOf) !== 1) found.push(`${at}: fits ${fitting(oneOf)} of oneOf`);
  if (!hasType(rules["type"], value)) return [...found, `${at}: is no ${String(rules["type"])}`];
  if (Array.isArray(rules["enum"]) && !rules["enum"].includes(value)) found.push(`${at}: not in enum`);
  if ("const" in rules && rules["const"] !== value) found.push(`${at}: not const`);
  if (typeof value === "string") {
    const { pattern, minLength, maxLength } = rules;
    if (typeof pattern === "string" && !new RegExp(pattern, "u").test(value)) found.push(`${at}: pattern`);
    if (typeof minLength === "number" && value.length < minLength) found.push(`${at}: too short`);
    if (typeof maxLength === "number" && value.length > maxLength) found.push(`${at}: too long`);
  }
  if (typeof value === "number") {
    const { minimum, maximum } = rules;
    if (typeof minimum === "number" && value < minimum) found.push(`${at}: too small`);
    if (typeof maximum === "number" && value > maximum) found.push(`${at}: too large`);
  }
  if (Array.isArray(value)) {
    for (const [index, item] of value.entries()) inner(rules["items"] ?? {}, item, String(index));
  } else if (typeof value === "object" && value !== null) {
    const properties = fieldsOf(rules["properties"]);
    const required: readonly unknown[] = Array.isArray(rules["required"]) ? rules["required"] : [];
    for (const name of required) if (!(String(name) in value)) found.push(`${at}: lacks ${String(name)}`);
    for (const [name, field] of Object.entries(value)) {
      if (name in properties) inner(properties[name], field, name);
      else if (rules["additionalProperties"] === false) found.push(`${at}: has ${name}`);
    }
  }
  return found;
}

function hasType(type: unknown, value: unknown): boolean {
  if (Array.isArray(type)) return type.some((each) => hasType(each, value));
  switch (type) {
    case "string":
    case "number":
    case "boolean":
      return typeof value === type;
    case "integer":
      return Number.isInteger(value);
    case "null":
      return value === null;
    case "array":
      return Array.isArray(value);
    case "object":
      return typeof value === "object" && value !== null && !Array.isArray(value);
    default:
      return type === undefined;
  }
}

/** What is wrong with an answer of the API by its description. */
export function answerViolations(
  document: unknown,
  method: string,
  path: string,
  answer: { readonly status: number; readonly contentType: string; readonly body: unknown },
): readonly string[] {
  const described = within(document, "paths", path, method.toLowerCase(), "responses", String(answer.status));
  if (described === undefined) return [`${method} ${path}: ${answer.status} is not described`];
  const content = within(described, "content");
  if (content === undefined) return answer.body === null ? [] : ["a body where none is described"];
  const schema = within(content, answer.contentType, "schema");
  if (schema === undefined)
    return [`${method} ${path} ${answer.status}: no ${answer.contentType} is described`];
  return violations(document, schema, answer.body);
}
