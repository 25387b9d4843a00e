import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Bench, aBench } from "./support/bench.ts";
import {
  buttonsOf,
  executeActionTitled,
  factsOf,
  headingOf,
  submitActionTitled,
} from "./support/card-reading.ts";
import type { Conversation } from "./support/conversation.ts";
import { listAt, recordAt, textAt } from "./support/json.ts";
import type { SeenMessage } from "./support/seen-messages.ts";
import { ask, cardsOf, cardTitled, pingsIn, startOperation, type StartedOperation } from "./support/talk.ts";

const NOT_OVER = ["Refresh", "Stop tracking", "Details"];
/** Long enough to press something, and over soon. */
const BRIEF = [
  { afterMs: 0, status: "inProgress" },
  { afterMs: 30_000, status: "succeeded" },
] as const;

function isPing({ text }: SeenMessage): boolean {
  return text?.startsWith("<at>") === true;
}

/** What people can do with the bot, and what they see of it, in one kind of conversation. */
export function describeConversation(kind: "personal" | "group" | "channel"): void {
  describe(`in a ${kind} conversation`, () => {
    let bench: Bench;
    let here: Conversation;
    let elsewhere: Conversation;
    beforeAll(async () => {
      bench = await aBench();
      here = bench.playground.conversations[kind];
      elsewhere = bench.playground.conversations[kind === "personal" ? "group" : "personal"];
      await bench.playground.install(elsewhere);
    });
    afterAll(async () => {
      await bench[Symbol.asyncDispose]();
    });

    /** Tracks in the conversation and waits for the first card; answers where that must be. */
    async function track(operation: StartedOperation, where = here): Promise<Conversation> {
      const { playground } = bench;
      const { conversation } = await playground.say(where, `track ${operation.location}`);
      await playground.waitFor(conversation, () => cardsOf(playground, conversation, operation).length > 0, {
        what: `a card of ${operation.id}`,
      });
      return conversation;
    }

    function onlyCardOf(operation: StartedOperation): SeenMessage {
      const cards = cardsOf(bench.playground, here, operation);
      expect(cards).toHaveLength(1);
      const [card] = cards;
      if (card === undefined) throw new Error("There is no card.");
      return card;
    }

    test("greets once, however often it is installed", async () => {
      const { playground } = bench;
      await playground.install(here);
      await playground.waitForMessage(here, (message) => message.text?.includes("I'm Opwatch") === true, {
        what: "the greeting",
      });
      await playground.install(here);
      await ask(playground, here, "help");
      const greetings = playground.messages(here).filter(({ text }) => text?.includes("I'm Opwatch"));
      expect(greetings).toHaveLength(1);
      expect(greetings[0]?.text).toMatch(/track.*list.*status.*stop.*help/s);
      expect(greetings[0]?.summary).toBe("How to use Opwatch");
    });

    test("shows a success on one card that changes in place and ends with the target, without a ping", async () => {
      const { playground } = bench;
      const operation = startOperation(bench.sandbox, "slow");
      const thread = await track(operation);
      await cardTitled(playground, here, operation, "Create team — succeeded");
      const card = onlyCardOf(operation);
      expect(card.conversationId).toBe(thread.id);
      expect(card.updates).toBeGreaterThanOrEqual(2);
      const headings = card.history.map(({ summary }) => summary);
      expect(headings).toContain("Create team — in progress");
      expect(headings.at(-1)).toBe("Create team — succeeded");
      expect(factsOf(card)).toMatchObject({
        Status: "succeeded",
        Attempts: "4",
        Target: operation.owner,
        "Asked by": "Alex Wilber",
        Operation: operation.id,
      });
      expect(buttonsOf(card)).toEqual(["Details"]);
      expect(pingsIn(playground, here)).toEqual([]);
    });

    test("shows a failure with its error, and pings the person who asked, once", async () => {
      const { playground } = bench;
      const operation = startOperation(bench.sandbox, "failing");
      const thread = await track(operation);
      await cardTitled(playground, here, operation, "Create team — failed");
      const ping = await playground.waitForMessage(here, isPing, { what: "the ping" });
      const card = onlyCardOf(operation);
      expect(card.updates).toBeGreaterThanOrEqual(1);
      expect(factsOf(card)).toMatchObject({
        Status: "failed",
        Error: "TeamUnavailable — The team was not found.",
      });
      expect(card.summary).toBe("Create team — failed: TeamUnavailable — The team was not found.");
      expect(ping.conversationId).toBe(thread.id);
      expect(ping.text).toContain("Create team — failed");
      expect(ping.summary).toBe(card.summary);
      const exchange = await playground.waitForExchange(
        ({ direction, request }) =>
          direction === "from bot" && textAt(request, "text")?.startsWith("<at>") === true,
        { what: "the ping's call" },
      );
      const [mention] = listAt(exchange.request, "entities");
      expect(recordAt(mention, "mentioned")).toMatchObject({ id: playground.cast.me.id });
      expect(textAt(mention, "text")).toBe(`<at>${playground.cast.me.name}</at>`);
    });

    test("waits for an operation that Graph does not know yet", async () => {
      const { playground } = bench;
      const operation = startOperation(bench.sandbox, "late");
      await track(operation);
      await cardTitled(playground, here, operation, "Team operation — not visible yet");
      expect(buttonsOf(onlyCardOf(operation))).toEqual(NOT_OVER);
      await cardTitled(playground, here, operation, "Create team — succeeded");
      const card = onlyCardOf(operation);
      expect(factsOf(card)["Target"]).toBe(operation.owner);
      for (const { summary } of card.history) expect(summary).not.toContain("failed");
      expect(pingsIn(playground, here)).toHaveLength(1);
    });

    test("takes several addresses in one message, a card for each", async () => {
      const { playground } = bench;
      const operations = [1, 2, 3].map(() => startOperation(bench.sandbox, "quick"));
      const text = operations.map(({ location }) => location).join("\n");
      const said = await playground.say(here, `track ${text}`);
      for (const operation of operations) {
        const card = await cardTitled(playground, here, operation, "Create team — succeeded");
        expect(card.conversationId).toBe(said.conversation.id);
        expect(cardsOf(playground, here, operation)).toHaveLength(1);
      }
    });

    test("lists what is watched here and tells how it stands; another track points to the card", async () => {
      const { playground } = bench;
      const operation = startOperation(bench.sandbox, "endless");
      await track(operation);
      await cardTitled(playground, here, operation, "Create team — in progress");

      const list = await ask(playground, here, "list");
      expect(list.text).toContain("I'm watching one operation here:");
      expect(list.text).toContain(
        `**Create team** — in progress · asked by Alex Wilber · \`${operation.id}\``,
      );

      const status = await ask(playground, here, `status ${operation.location}`);
      expect(status.text).toContain("**Create team — in progress**");
      expect(status.text).toContain("Status: inProgress");
      expect(status.text).toContain(`Operation: ${operation.id}`);

      const again = await ask(playground, here, `track ${operation.location}`);
      expect(again.text).toContain("I'm already watching this here: **Create team** — in progress.");
      expect(cardsOf(playground, here, operation)).toHaveLength(1);

      const stop = await ask(playground, here, `stop ${operation.id}`);
      expect(stop.text).toBe("Stopped watching it.");
      await cardTitled(playground, here, operation, "Create team — no longer watched");
      const empty = await ask(playground, here, "list");
      expect(empty.text).toContain("I'm watching nothing here.");
      for (const reply of [list, status, again, stop, empty]) expect(reply.summary).toMatch(/^\S.{5,}/);
    });

    test("stop all stops every watch of this conversation and none of another", async () => {
      const { playground } = bench;
      const operations = [1, 2].map(() => startOperation(bench.sandbox, "endless"));
      const [first] = operations;
      if (first === undefined) throw new Error("There is no operation.");
      for (const operation of operations) await track(operation);
      await track(first, elsewhere);

      const reply = await ask(playground, here, "stop all");
      expect(reply.text).toBe("Stopped watching 2 operations.");
      for (const operation of operations) {
        const card = await cardTitled(playground, here, operation, "Create team — no longer watched");
        expect(buttonsOf(card)).toEqual(["Details"]);
      }
      const list = await ask(playground, elsewhere, "list");
      expect(list.text).toContain(first.id);
      await ask(playground, elsewhere, "stop all");
      expect((await ask(playground, here, "stop all")).text).toBe("There was nothing to stop here.");
    });

    test("helps: with the commands, with what it did not get, and with an example for a wrong address", async () => {
      const { playground } = bench;
      const mention = kind === "personal" ? "" : "@Opwatch ";
      const help = await ask(playground, here, "HELP");
      for (const command of ["track", "list", "status", "stop", "stop all", "alias", "help"]) {
        expect(help.text).toContain(`**${mention}${command}**`);
      }
      const unknown = await ask(playground, here, "make me a sandwich");
      expect(unknown.text).toContain("I didn't get that.");
      expect(unknown.text).toContain(`**${mention}help**`);
      const wrong = await ask(playground, here, "track https://example.com/teams('x')/operations('y')");
      expect(wrong.text).toContain("not on Microsoft Graph");
      expect(wrong.text).toMatch(/for example `\/teams\('[0-9a-f-]+'\)\/operations\('[0-9a-f-]+'\)`/);
      const nothing = await ask(playground, here, "track");
      expect(nothing.text).toContain("What shall I track?");
      const stranger = await ask(playground, here, "stop /teams('x')/operations('y')");
      expect(stranger.text).toContain("I'm not watching");
    });

    test("its toasts are plain text, without Markdown and escapes", async () => {
      const { playground } = bench;
      const replies = [
        await ask(playground, here, "help"),
        await ask(playground, here, "status /teams('x')/operations('y')"),
        await ask(playground, here, "track /teams('{id}')/operations('y')"),
      ];
      const message = "The team (a_b) was not found.";
      const failing = startOperation(bench.sandbox, [
        { afterMs: 0, status: "failed", error: { code: null, message } },
      ]);
      await track(failing);
      const failed = await cardTitled(playground, here, failing, "Create team — failed");
      for (const { summary } of [...replies, failed]) expect.soft(summary).not.toMatch(/\\|\*\*|`/);
      const mention = kind === "personal" ? "" : "@Opwatch ";
      expect(replies.map(({ summary }) => summary)).toEqual([
        "How to use Opwatch",
        `I'm not watching /teams('x')/operations('y') here. ${mention}list shows what is watched.`,
        "/teams('{id}')/operations('y') holds a placeholder, or was cut off. Paste the whole value from the response.",
      ]);
      expect(failed.summary).toBe(`Create team — failed: ${message}`);
    });

    test("Refresh gives the stored answer with its age, on the card and as a message of older clients", async () => {
      const { playground } = bench;
      const operation = startOperation(bench.sandbox, "endless");
      await track(operation);
      const card = await cardTitled(playground, here, operation, "Create team — in progress");

      const answer = await playground.press(here, card.id, executeActionTitled(card, "Refresh"));
      expect(answer.type).toBe("application/vnd.microsoft.card.adaptive");
      expect(JSON.stringify(answer.value)).toMatch(/Checked \d+ s ago|Asking Graph now/);
      expect(headingOf(onlyCardOf(operation))).toBe("Create team — in progress");

      const before = new Set(playground.messages(here).map(({ id }) => id));
      await playground.submit(here, card.id, submitActionTitled(card, "Refresh"));
      const reply = await playground.waitForMessage(here, ({ id }) => !before.has(id), { what: "an answer" });
      expect(reply.text).toMatch(/^(?:Checked \d+ s ago|Asking Graph now)/);
      expect(reply.conversationId).toBe(card.conversationId);
      await ask(playground, here, "stop all");
    });

    test("Stop tracking on the card stops it, for a colleague too where there is one", async () => {
      const { playground } = bench;
      const [colleague] = playground.cast.others;
      const operation = startOperation(bench.sandbox, "endless");
      await track(operation);
      const card = await cardTitled(playground, here, operation, "Create team — in progress");
      const by = kind === "personal" ? playground.cast.me : colleague;
      const answer = await playground.press(here, card.id, executeActionTitled(card, "Stop tracking"), by);
      expect(answer.type).toBe("application/vnd.microsoft.card.adaptive");
      expect(JSON.stringify(answer.value)).toContain("Create team — no longer watched");
      await expectStopped(card);
    });

    test("Stop tracking from an older client stops it and answers with a message", async () => {
      const { playground } = bench;
      const operation = startOperation(bench.sandbox, "endless");
      await track(operation);
      const card = await cardTitled(playground, here, operation, "Create team — in progress");
      const before = new Set(playground.messages(here).map(({ id }) => id));
      await playground.submit(here, card.id, submitActionTitled(card, "Stop tracking"));
      const reply = await playground.waitForMessage(here, ({ id }) => !before.has(id), { what: "an answer" });
      expect(reply.text).toBe("Stopped watching it.");
      expect(reply.conversationId).toBe(card.conversationId);
      await expectStopped(card);
    });

    test("a stopped card says so once, and is never written again though the operation ends", async () => {
      const { playground } = bench;
      const operation = startOperation(bench.sandbox, BRIEF);
      await track(operation);
      await track(operation, elsewhere);
      await cardTitled(playground, here, operation, "Create team — in progress");
      await ask(playground, here, `stop ${operation.location}`);
      const stopped = await cardTitled(playground, here, operation, "Create team — no longer watched");

      await cardTitled(playground, elsewhere, operation, "Create team — succeeded");
      // Deliveries to different conversations do not wait for each other, so one more life is waited for.
      await afterAnotherLife();
      const card = onlyCardOf(operation);
      expect(card.history).toEqual(stopped.history);
      const summaries = card.history.map(({ summary }) => summary);
      expect(summaries.filter((each) => each === "Create team — no longer watched")).toHaveLength(1);
      expect(summaries.at(-1)).toBe("Create team — no longer watched");
    });

    test("an end that Graph did not tell stays told here when the operation is tracked again elsewhere", async () => {
      const { playground } = bench;
      const operation = startOperation(bench.sandbox, [
        { afterMs: 0, status: "inProgress" },
        { afterMs: 5_000, httpStatus: 404 },
      ]);
      await track(operation);
      await cardTitled(playground, here, operation, "Create team — no longer available");
      await track(operation, elsewhere);
      const status = await ask(playground, here, `status ${operation.location}`);
      expect(status.text).toContain("**Create team — no longer available**");
      expect(status.text).not.toContain("Somebody stopped");
      await ask(playground, elsewhere, "stop all");
    });

    test("writes nothing to a conversation that it was removed from", async () => {
      const { playground } = bench;
      const operation = startOperation(bench.sandbox, BRIEF);
      await track(operation);
      await track(operation, elsewhere);
      await cardTitled(playground, here, operation, "Create team — in progress");
      await playground.uninstall(here);
      const before = playground.messages(here);
      const calls = playground.exchanges.length;

      await cardTitled(playground, elsewhere, operation, "Create team — succeeded");
      await afterAnotherLife();
      expect(playground.messages(here)).toEqual(before);
      const writes = playground.exchanges
        .slice(calls)
        .filter(
          ({ direction, conversationId }) => direction === "from bot" && conversationId?.startsWith(here.id),
        );
      expect(writes).toEqual([]);
    });

    test("gave every post and every edit a summary for the toast and the chat list", () => {
      const versions = bench.playground.messages(here).flatMap(({ history }) => history);
      expect(versions.length).toBeGreaterThan(30);
      for (const { summary } of versions) expect(summary).toMatch(/\S{2}/);
    });

    test("asked Graph for nothing too early, and never with a token", () => {
      expect(bench.sandbox.counts()).toMatchObject({ early: 0, withAuthorization: 0 });
      expect(bench.sandbox.counts().checks).toBeGreaterThan(10);
    });

    /** By an edit that everybody sees, not only in the answer to the one who pressed. */
    async function expectStopped({ id, updates }: SeenMessage): Promise<void> {
      const stopped = await bench.playground.waitForMessage(
        here,
        (message) => message.id === id && message.updates > updates,
        { what: "the stopped card" },
      );
      expect(stopped.summary).toBe("Create team — no longer watched");
      expect(headingOf(stopped)).toBe("Create team — no longer watched");
      expect(buttonsOf(stopped)).toEqual(["Details"]);
    }

    async function afterAnotherLife(): Promise<void> {
      const later = startOperation(bench.sandbox, "quick");
      await track(later, elsewhere);
      await cardTitled(bench.playground, elsewhere, later, "Create team — succeeded");
    }
  });
}
