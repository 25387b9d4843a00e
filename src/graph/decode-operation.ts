import type { OperationKind } from "../core/address.ts";
import { cleanText } from "../core/clean-text.ts";
import { parseInstant } from "../core/instants.ts";
import { phaseOf, type OperationError, type Snapshot } from "../core/snapshot.ts";

type Body = Readonly<Record<string, unknown>>;

/** Longer texts are cut: a card has no room for them and the database need not keep them. */
const MAX_TEXT = 1_000;

/** What differs between the kinds of operation; the rest is the same for the whole family. */
type Decoder = { readonly targetId: string; readonly targetLocation: string; readonly detail: string | null };

const TEAMS_ASYNC_OPERATION: Decoder = {
  targetId: "targetResourceId",
  targetLocation: "targetResourceLocation",
  detail: null,
};

const DECODERS: Readonly<Record<OperationKind, Decoder>> = {
  // https://learn.microsoft.com/graph/api/resources/teamsasyncoperation
  team: TEAMS_ASYNC_OPERATION,
  chat: TEAMS_ASYNC_OPERATION,
  // https://learn.microsoft.com/graph/api/resources/engagementasyncoperation
  engagement: { targetId: "resourceId", targetLocation: "resourceLocation", detail: "statusDetail" },
};

/** Null when the body has no readable status: such an answer says nothing about the operation. */
export function decodeOperation(kind: OperationKind, body: unknown): Snapshot | null {
  if (!isBody(body)) return null;
  const status = textOf(body["status"]);
  if (status === null) return null;
  const decoder = DECODERS[kind];
  return {
    phase: phaseOf(status),
    status,
    operationType: textOf(body["operationType"]),
    attempts: countOf(body["attemptsCount"]),
    createdAt: parseInstant(body["createdDateTime"]),
    targetId: textOf(body[decoder.targetId]),
    targetLocation: textOf(body[decoder.targetLocation]),
    error: errorOf(body["error"]),
    detail: decoder.detail === null ? null : textOf(body[decoder.detail]),
  };
}

/** Graph's error object, of an operation or of a refused request: `{ code, message }`, both nullable. */
export function errorOf(value: unknown): OperationError | null {
  if (!isBody(value)) return null;
  const error = { code: textOf(value["code"]), message: textOf(value["message"]) };
  return error.code === null && error.message === null ? null : error;
}

export function isBody(value: unknown): value is Body {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function textOf(value: unknown): string | null {
  if (typeof value !== "string") return null;
  const text = cleanText(value, MAX_TEXT);
  return text.trim() === "" ? null : text;
}

function countOf(value: unknown): number | null {
  return typeof value === "number" && Number.isInteger(value) && value >= 0 ? value : null;
}
