import type { Activity } from "botbuilder";

/** The peers' card: the facts that people put on theirs. Smaller than Opwatch's, which is Opwatch's cost. */
export function cardOf(location: string, status: string): Partial<Activity> {
  const id = /operations\('([^']+)'\)/u.exec(location)?.[1] ?? location;
  const words = status === "inProgress" ? "in progress" : status === "notStarted" ? "waiting" : status;
  return {
    type: "message",
    summary: `Create team: ${words}`,
    attachments: [
      {
        contentType: "application/vnd.microsoft.card.adaptive",
        content: {
          $schema: "http://adaptivecards.io/schemas/adaptive-card.json",
          type: "AdaptiveCard",
          version: "1.4",
          body: [
            {
              type: "TextBlock",
              text: `Create team: ${words}`,
              weight: "Bolder",
              size: "Medium",
              wrap: true,
            },
            {
              type: "FactSet",
              facts: [
                { title: "Status", value: status },
                { title: "Operation", value: id },
                { title: "Location", value: location },
              ],
            },
          ],
        },
      },
    ],
  };
}
