import {
  ActivityHandler,
  CloudAdapter,
  ConfigurationBotFrameworkAuthentication,
  TurnContext,
  type ConversationReference,
  type TurnContext as Turn,
} from "botbuilder";
import { createServer, plugins } from "restify";
import { cardOf } from "./card.ts";

export type Place = Partial<ConversationReference>;

export type Bot = {
  /** Posts the card of an operation; its message's id. */
  post(place: Place, location: string, status: string): Promise<string>;
  edit(place: Place, message: string, location: string, status: string): Promise<void>;
};

/**
 * What all the peers have in common, and what people write: botbuilder's adapter behind restify, `track` with
 * locations, a card that is posted and edited proactively. botbuilder tries again by itself when
 * Teams refuses (three times, after `Retry-After`); `retries: "none"` takes that out.
 */
export async function startBot(
  onTrack: (bot: Bot, place: Place, locations: readonly string[]) => Promise<void>,
  retries: "botbuilder" | "none" = "botbuilder",
): Promise<Bot> {
  const adapter = new CloudAdapter(new ConfigurationBotFrameworkAuthentication({}));
  adapter.onTurnError = (_context, error) => {
    process.stderr.write(`turn: ${error.message}\n`);
    return Promise.resolve();
  };

  async function inPlace<T>(place: Place, write: (turn: Turn) => Promise<T>): Promise<T> {
    const result: { value?: T; error?: unknown } = {};
    await adapter.continueConversationAsync("", place, async (turn) => {
      if (retries === "none") withoutRetries(turn, adapter.ConnectorClientKey);
      try {
        result.value = await write(turn);
      } catch (error) {
        result.error = error;
      }
    });
    if (result.error !== undefined) throw result.error;
    if (result.value === undefined) throw new Error("botbuilder wrote nothing.");
    return result.value;
  }

  const bot: Bot = {
    async post(place, location, status) {
      const sent = await inPlace(place, (turn) => turn.sendActivity(cardOf(location, status)));
      return sent?.id ?? "";
    },
    async edit(place, message, location, status) {
      await inPlace(place, async (turn) => {
        await turn.updateActivity({ ...cardOf(location, status), id: message });
        return true;
      });
    },
  };

  const handler = new ActivityHandler();
  handler.onMessage(async (turn, next) => {
    const text = TurnContext.removeRecipientMention(turn.activity) ?? turn.activity.text;
    const locations = text.match(/\/teams\('[^']+'\)\/operations\('[^']+'\)/gu) ?? [];
    await onTrack(bot, TurnContext.getConversationReference(turn.activity), locations);
    await next();
  });

  const server = createServer();
  server.use(plugins.bodyParser());
  server.post("/api/messages", async (request, response) => {
    const { headers } = request;
    const given: unknown = request.body;
    const body = typeof given === "object" && given !== null ? { ...given } : {};
    await adapter.process({ body, headers: { ...headers }, method: "POST" }, response, (turn) =>
      handler.run(turn),
    );
  });
  await new Promise<void>((resolve) => {
    server.listen(Number(process.env["PORT"] ?? 0), "127.0.0.1", resolve);
  });
  const address = `http://127.0.0.1:${server.address().port}`;
  process.stdout.write(`${JSON.stringify({ event: "app.ready", address })}\n`);
  return bot;
}

/** The policy can only be taken out through a private field. */
function withoutRetries(turn: Turn, key: symbol): void {
  const client: unknown = turn.turnState.get(key);
  const inner: unknown = typeof client === "object" && client !== null ? Reflect.get(client, "client") : null;
  const pipeline: unknown =
    typeof inner === "object" && inner !== null ? Reflect.get(inner, "pipeline") : null;
  const remove: unknown =
    typeof pipeline === "object" && pipeline !== null ? Reflect.get(pipeline, "removePolicy") : null;
  if (typeof remove !== "function") throw new Error("botbuilder's connector has changed.");
  remove.call(pipeline, { name: "defaultRetryPolicy" });
}
