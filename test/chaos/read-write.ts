import { createHash } from "node:crypto";
import type { Shown } from "./log.ts";

type Fields = Readonly<Record<string, unknown>>;

/** What an activity that the bot wrote shows to a reader. */
export function readWrite(activity: unknown): Shown {
  const fields = fieldsOf(activity);
  const { text } = fields;
  if (typeof text === "string" && text !== "") return readText(text);
  if (fields["attachments"] === undefined) return { kind: "other", type: String(fields["type"]) };
  const [attachment] = listOf(fields["attachments"]);
  const card = fieldsOf(fieldsOf(attachment)["content"]);
  const facts = new Map<string, string>();
  for (const fact of factsIn(card["body"])) facts.set(String(fact["title"]), String(fact["value"]));
  const json = JSON.stringify(card);
  return {
    kind: "card",
    operation: facts.get("Operation") ?? "",
    watch: /"watch":"([^"]+)"/u.exec(json)?.[1] ?? null,
    standing: standingIn(String(fields["summary"])),
    status: facts.get("Status") ?? null,
    attempts: facts.has("Attempts") ? Number(facts.get("Attempts")) : null,
    print: createHash("sha256").update(json).digest("base64url").slice(0, 16),
  };
}

/** A ping ends with the operation's id in a code span, as a notice does. */
function readText(text: string): Shown {
  const operation = / · `([0-9a-f-]{36})`$/u.exec(text)?.[1];
  if (operation === undefined || text.includes("\n")) return { kind: "reply", text };
  return { kind: text.includes("takes longer than usual") ? "notice" : "ping", operation };
}

/** "Create team — failed: TeamUnavailable — …" stands at "failed". */
function standingIn(summary: string): string {
  return /^.*? — ([A-Za-z ]+)/u.exec(summary)?.[1]?.trim() ?? summary;
}

/** Those of the card itself; the details' timeline comes after them. */
function factsIn(body: unknown): readonly Fields[] {
  const set = listOf(body)
    .map(fieldsOf)
    .find(({ type }) => type === "FactSet");
  return listOf(set?.["facts"]).map(fieldsOf);
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

export function fieldsOf(value: unknown): Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? { ...value } : {};
}
