import type { Requester } from "../core/watch.ts";
import type { Teams } from "../flows/ports.ts";
import { abbreviated, headlineOf, summaryOf } from "./card-text.ts";
import type { Connector } from "./connector.ts";
import { code, plain } from "./plain-text.ts";
import { renderCard } from "./render-card.ts";
import type { Words } from "./words/words.ts";

/** Cards and pings as activities. A card goes without `text`: with it Teams gives no message id. */
export function createTeams(connector: Connector, words: Words): Teams {
  return {
    render: (view, id) => renderCard(view, id, words),
    postCard: (to, threadId, { card, summary }) => connector.post(to, threadId, cardActivity(card, summary)),
    updateCard: (to, threadId, activityId, { card, summary }) =>
      connector.update(to, threadId, activityId, cardActivity(card, summary)),
    postPing: (to, threadId, requester, view) => {
      const mention = `<at>${mentionName(requester)}</at>`;
      const summary = summaryOf(view, words);
      return connector.post(to, threadId, {
        // Teams makes links of bare addresses in a message; what Graph said is not to become one.
        text: words.ping(
          mention,
          headlineOf(view, words).replaceAll("://", ":\u2060//"),
          code(abbreviated(view.operation)),
        ),
        textFormat: "markdown",
        summary,
        entities: [{ type: "mention", text: mention, mentioned: { id: requester.id, name: requester.name } }],
      });
    },
  };
}

function cardActivity(card: object, summary: string): object {
  return {
    summary,
    attachments: [{ contentType: "application/vnd.microsoft.card.adaptive", content: card }],
  };
}

/** The mention's text must stand in the message to the letter, so nothing in it may be escaped. */
function mentionName(requester: Requester): string {
  const name = requester.name.replace(/[<>&\\`*_[\]()#~|\s]+/gu, " ").trim();
  return name === "" ? plain("you") : name.slice(0, 100);
}
