import { cleanText } from "../core/clean-text.ts";
import type { Step } from "../core/steps.ts";

/**
 * The parts of a team or chat that is being made. Graph documents none of this: it comes as JSON in
 * a string, `Value` of createTeam with states and `values` of createChat with ids alone (samples in
 * test/fixtures). What can't be read is ignored.
 */
export function decodeSteps(value: unknown): readonly Step[] {
  if (typeof value !== "string" || value.length > MAX_LENGTH) return [];
  const told = parsed(value);
  return [
    ...stepsOf("apps", told["apps"]),
    ...stepsOf("channels", told["channels"]),
    ...stepsOf("apps", told["appIds"]),
  ];
}

const MAX_LENGTH = 65_536;
const MAX_STEPS = 25;
const MAX_NAME = 100;

const STATES: ReadonlyMap<string, Step["state"]> = new Map<string, Step["state"]>([
  ["notstarted", "waiting"],
  ["inprogress", "running"],
  ["running", "running"],
  ["succeeded", "done"],
  ["completed", "done"],
  ["failed", "failed"],
]);

function stepsOf(group: Step["group"], list: unknown): readonly Step[] {
  if (!Array.isArray(list)) return [];
  return list.slice(0, MAX_STEPS).flatMap((item: unknown): readonly Step[] => {
    if (typeof item === "string") return [{ group, name: nameOf(item), state: "unknown" }];
    const { Reference: name, Status: status } = fieldsOf(item);
    if (typeof name !== "string") return [];
    const state = typeof status === "string" ? STATES.get(status.toLowerCase()) : undefined;
    return [{ group, name: nameOf(name), state: state ?? "unknown" }];
  });
}

function nameOf(text: string): string {
  return cleanText(text, MAX_NAME);
}

function fieldsOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? { ...value } : {};
}

function parsed(text: string): Readonly<Record<string, unknown>> {
  try {
    return fieldsOf(JSON.parse(text));
  } catch {
    return {};
  }
}
