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
