import type { z } from "zod/v4";
import { problem, type ApiAnswer, type FieldError } from "./problem.ts";

/** @param root what a field's pointer begins with. */
export function invalid(error: z.ZodError, root = "/"): ApiAnswer {
  const errors = error.issues.flatMap((issue) => errorsOf(issue, root)).slice(0, MAX_ERRORS);
  return problem(
    400,
    "invalid-request",
    "The request is not well made; `errors` names each field at fault.",
    { errors },
  );
}

const MAX_ERRORS = 20;

function errorsOf(issue: z.core.$ZodIssue, root: string): readonly FieldError[] {
  const path = issue.path.map(String);
  if (issue.code !== "unrecognized_keys") return [{ field: pointer(root, path), detail: issue.message }];
  return issue.keys.map((key) => ({
    field: pointer(root, [...path, key.slice(0, 100)]),
    detail: "There is no such field.",
  }));
}

function pointer(root: string, path: readonly string[]): string {
  return path.length === 0 ? "" : root + path.map(escaped).join("/");
}

/** https://www.rfc-editor.org/rfc/rfc6901 */
function escaped(part: string): string {
  return part.replaceAll("~", "~0").replaceAll("/", "~1");
}
