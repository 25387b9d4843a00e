import { isRecord, type JsonRecord, listAt, recordAt, textAt } from "./json.ts";
import { type SeenMessage } from "./seen-messages.ts";

export type ExecuteAction = {
  readonly type: "Action.Execute";
  readonly id?: string;
  readonly title?: string;
  readonly verb: string;
  readonly data: JsonRecord;
};

export type SubmitAction = { readonly type: "Action.Submit"; readonly data: JsonRecord };

export function cardOf(message: SeenMessage): JsonRecord | null {
  const attachment = message.attachments.find(
    (each) => each.contentType.toLowerCase() === "application/vnd.microsoft.card.adaptive",
  );
  return attachment !== undefined && isRecord(attachment.content) ? attachment.content : null;
}

/** Everything a reader can read on the card, in document order; fallbacks are left out. */
export function cardTexts(card: JsonRecord): readonly string[] {
  const own = ["title", "text", "value", "altText", "label"]
    .map((key) => textAt(card, key))
    .filter((text) => text !== null);
  const inner = [
    "body",
    "items",
    "columns",
    "rows",
    "cells",
    "facts",
    "inlines",
    "choices",
    "actions",
  ].flatMap((key) => listAt(card, key));
  return [...own, ...inner.flatMap((each) => (isRecord(each) ? cardTexts(each) : [String(each)]))];
}

/** The card's first line: what the operation is, and how it stands. */
export function headingOf(message: SeenMessage): string | null {
  const heading = elementsIn(cardOf(message) ?? {}).find((each) => textAt(each, "style") === "heading");
  return heading === undefined ? null : textAt(heading, "text");
}

/** What the card's first list of facts says, by title. */
export function factsOf(message: SeenMessage): Readonly<Record<string, string>> {
  const set = elementsIn(cardOf(message) ?? {}).find((each) => textAt(each, "type") === "FactSet");
  return Object.fromEntries(
    listAt(set, "facts").map((fact) => [textAt(fact, "title") ?? "", textAt(fact, "value") ?? ""]),
  );
}

/** The titles of the card's buttons. */
export function buttonsOf(message: SeenMessage): readonly string[] {
  return actionsIn(cardOf(message) ?? {}).map((action) => textAt(action, "title") ?? "");
}

/** The action with this title on the card as it is shown now; throws with the titles that are there. */
export function executeActionTitled(message: SeenMessage, title: string): ExecuteAction {
  const action = actionTitled(message, title);
  const verb = textAt(action, "verb");
  if (textAt(action, "type") !== "Action.Execute" || verb === null) {
    throw new Error(`"${title}" is no Action.Execute with a verb: ${JSON.stringify(action)}`);
  }
  const id = textAt(action, "id");
  return {
    type: "Action.Execute",
    ...(id === null ? {} : { id }),
    title,
    verb,
    data: recordAt(action, "data"),
  };
}

/** What an old client sends for the action with this title: itself if it is an Action.Submit, else its fallback. */
export function submitActionTitled(message: SeenMessage, title: string): SubmitAction {
  const action = actionTitled(message, title);
  const submit = textAt(action, "type") === "Action.Submit" ? action : recordAt(action, "fallback");
  if (textAt(submit, "type") !== "Action.Submit") {
    throw new Error(`"${title}" neither is nor falls back to an Action.Submit: ${JSON.stringify(action)}`);
  }
  return { type: "Action.Submit", data: recordAt(submit, "data") };
}

/** In document order, containers before what they hold. */
function elementsIn(element: JsonRecord): readonly JsonRecord[] {
  const inner = ["body", "items", "columns", "rows", "cells"].flatMap((key) => listAt(element, key));
  return inner.filter(isRecord).flatMap((each) => [each, ...elementsIn(each)]);
}

function actionTitled(message: SeenMessage, title: string): JsonRecord {
  const actions = actionsIn(cardOf(message) ?? {});
  const action = actions.find((each) => textAt(each, "title") === title);
  if (action === undefined) {
    const titles = actions.map((each) => JSON.stringify(textAt(each, "title"))).join(", ");
    throw new Error(`No action "${title}" in message ${message.id}; it has: ${titles || "none"}.`);
  }
  return action;
}

function actionsIn(element: JsonRecord): readonly JsonRecord[] {
  const own = [...listAt(element, "actions"), element["selectAction"], element["inlineAction"]].filter(
    isRecord,
  );
  const inner = ["body", "items", "columns", "rows", "cells"].flatMap((key) => listAt(element, key));
  const shown = own.map((action) => recordAt(action, "card"));
  return [...own, ...[...inner, ...shown].flatMap((each) => (isRecord(each) ? actionsIn(each) : []))];
}
