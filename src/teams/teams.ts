import type { Requester } from "../core/watch.ts";
import type { CloudName } from "../core/clouds.ts";
import type { CardView } from "../core/card-view.ts";
import type { Message, Teams } from "../flows/ports.ts";
import { abbreviated, headlineOf, headOf, summaryOf } from "./card-text.ts";
import type { Connector } from "./connector.ts";
import { code, unlinked } from "./plain-text.ts";
import { renderCard } from "./render-card.ts";
import { wordsFor } from "./words/languages.ts";
import type { Words } from "./words/words.ts";

/** Cards and pings as activities. A card goes without `text`: with it Teams gives no message id. */
export function createTeams(connector: Connector, cloud: CloudName): Teams {
  return {
    render: (view, id, { reference }) => renderCard(view, id, { words: wordsFor(reference.locale), cloud }),
    postCard: (to, threadId, { card, summary }) => connector.post(to, threadId, cardActivity(card, summary)),
    updateCard: (to, threadId, activityId, { card, summary }) =>
      connector.update(to, threadId, activityId, cardActivity(card, summary)),
    postMessage: (message, to, threadId, requester, view) => {
      const { id, name } = requester;
      const words = wordsFor(to.reference.locale);
      const mention = id === null ? null : `<at>${mentionName(requester, words)}</at>`;
      const text = messageText(message, mention, view, words);
      return connector.post(to, threadId, {
        text,
        textFormat: "markdown",
        summary: summaryOf(view, words),
        ...(id === null || mention === null
          ? {}
          : { entities: [{ type: "mention", text: mention, mentioned: { id, name } }] }),
      });
    },
  };
}

function messageText(message: Message, mention: string | null, view: CardView, words: Words): string {
  const operation = unlinked(code(abbreviated(view.operation)));
  if (message === "ping") {
    const headline = unlinked(headlineOf(view, words));
    return mention === null
      ? words.pingNobody(headline, operation)
      : words.ping(mention, headline, operation);
  }
  const duration = words.duration(view.usual?.p95Ms ?? 0);
  return words.notice(mention ?? "", unlinked(headOf(view, words)), operation, duration).trim();
}

function cardActivity(card: object, summary: string): object {
  return {
    summary,
    attachments: [{ contentType: "application/vnd.microsoft.card.adaptive", content: card }],
  };
}

/** The mention's text must stand in the message to the letter, so nothing in it may be escaped. */
function mentionName(requester: Requester, words: Words): string {
  const name = requester.name.replace(/[<>&\\`*_[\]()#~|\s]+/gu, " ").trim();
  return name === "" ? words.you : name.slice(0, 100);
}
