import { cleanText } from "../core/clean-text.ts";
import { parseInstant } from "../core/instants.ts";
import { kindOf, type OperationKind } from "../core/kinds.ts";
import { phaseOf, type OperationError, type Snapshot } from "../core/snapshot.ts";
import { decodeSteps } from "./decode-steps.ts";

type Body = Readonly<Record<string, unknown>>;

/** Longer texts are cut: a card has no room for them and the database need not keep them. */
const MAX_TEXT = 1_000;

/** Null when the body has no readable status: such an answer says nothing about the operation. */
export function decodeOperation(kind: OperationKind, answered: unknown): Snapshot | null {
  const body = unwrapped(answered);
  const status = textOf(body["status"]);
  if (status === null) return null;
  const { fields } = kindOf(kind);
  return {
    phase: phaseOf(status),
    status,
    operationType: firstText(body, fields.type),
    attempts: countOf(body["attemptsCount"]),
    createdAt: parseInstant(body["createdDateTime"]),
    targetId: firstText(body, fields.targetId),
    targetLocation: firstText(body, fields.targetLocation),
    error: errorOf(body["error"]),
    detail: firstText(body, fields.detail),
    percent: percentOf(fields.percent.map((name) => body[name]).find((value) => value !== undefined)),
    steps: decodeSteps(fields.steps.map((name) => body[name]).find((value) => value !== undefined)),
  };
}

/** The first documentation of Engage's operations had the entity in `{ "value": { … } }`. */
function unwrapped(answered: unknown): Body {
  if (!isBody(answered)) return {};
  const inner = answered["value"];
  return answered["status"] === undefined && isBody(inner) ? inner : answered;
}

/** Graph's error object, of an operation or of a refused request: `{ code, message }`, both nullable. */
export function errorOf(value: unknown): OperationError | null {
  // Seen where an object is documented.
  if (typeof value === "string") return errorOf({ message: value });
  if (!isBody(value)) return null;
  const inner = bodyOf(value["innerError"] ?? value["innererror"]);
  const error = {
    code: textOf(value["code"]) ?? textOf(inner["code"]),
    // SharePoint's older errors have `{ "lang": "en-US", "value": "…" }` there.
    message:
      textOf(value["message"]) ?? textOf(bodyOf(value["message"])["value"]) ?? textOf(inner["message"]),
  };
  return error.code === null && error.message === null ? null : error;
}

export function isBody(value: unknown): value is Body {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function bodyOf(value: unknown): Body {
  return isBody(value) ? value : {};
}

/** The first of these that is there; `numbers.0.statusDetail` goes down into what it names. */
function firstText(body: Body, names: readonly string[]): string | null {
  for (const name of names) {
    const text = textOf(name.includes(".") ? within(body, name) : body[name]);
    if (text !== null) return text;
  }
  return null;
}

function within(body: Body, name: string): unknown {
  return name
    .split(".")
    .reduce<unknown>((value, key) => (Array.isArray(value) ? value[Number(key)] : bodyOf(value)[key]), body);
}

function textOf(value: unknown): string | null {
  if (typeof value !== "string") return null;
  const text = cleanText(value, MAX_TEXT);
  return text.trim() === "" ? null : text;
}

function countOf(value: unknown): number | null {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0 ? value : null;
}

function percentOf(value: unknown): number | null {
  return typeof value === "number" && value >= 0 && value <= 100 ? Math.floor(value) : null;
}
