import { afterEach, beforeEach, expect, test } from "vitest";
import { type Bench, aBench } from "./support/bench.ts";
import { factsOf } from "./support/card-reading.ts";
import { textAt } from "./support/json.ts";
import type { Conversation } from "./support/conversation.ts";
import type { SeenMessage } from "./support/seen-messages.ts";
import { cardsOf, cardTitled, pingsIn, startOperation, type StartedOperation } from "./support/talk.ts";

/** At the bench's speed of 10 the end comes after four seconds. */
const FAILING_LATE = [
  { afterMs: 0, status: "inProgress" },
  { afterMs: 20_000, status: "inProgress", attemptsCount: 2 },
  {
    afterMs: 40_000,
    status: "failed",
    error: { code: "TeamUnavailable", message: "The team was not found." },
  },
] as const;

let bench: Bench;
beforeEach(async () => {
  bench = await aBench();
});
afterEach(async () => {
  await bench[Symbol.asyncDispose]();
});

test("a card gets its end after the bot was killed between its first post and the end", async () => {
  const { playground, bot, sandbox } = bench;
  const { personal } = playground.conversations;
  const operation = startOperation(sandbox, FAILING_LATE);
  await playground.say(personal, `track ${operation.location}`);
  const before = await changedCard(personal, operation);
  await bot.kill();
  const checks = sandbox.checksOf(operation.location).length;
  await bot.startAgain();

  const card = await cardTitled(playground, personal, operation, "Create team — failed");
  expect(card.id).toBe(before.id);
  expect(cardsOf(playground, personal, operation)).toHaveLength(1);
  expect(factsOf(card)["Error"]).toBe("TeamUnavailable — The team was not found.");
  await playground.waitForMessage(personal, ({ text }) => text?.startsWith("<at>") === true, {
    what: "the ping",
  });
  expect(sandbox.checksOf(operation.location).length).toBeGreaterThan(checks);
  expect(sandbox.counts().early).toBe(0);
});

test("a card gets its end although the bot is killed again and again, and pings once", async () => {
  const { playground, bot, sandbox } = bench;
  const { group } = playground.conversations;
  const operation = startOperation(sandbox, FAILING_LATE);
  await playground.say(group, `track ${operation.location}`);
  await changedCard(group, operation);
  for (let kills = 0; kills < 4; kills += 1) {
    await bot.kill();
    await bot.startAgain();
  }
  await cardTitled(playground, group, operation, "Create team — failed");
  await playground.waitForMessage(group, ({ text }) => text?.startsWith("<at>") === true, {
    what: "the ping",
  });
  await bot.kill();
  await bot.startAgain();
  // A start that had anything left to write would do so before it answers.
  await playground.say(group, "list");
  await playground.waitForMessage(group, ({ text }) => text?.includes("watching nothing here") === true, {
    what: "the list",
  });
  expect(cardsOf(playground, group, operation)).toHaveLength(1);
  expect(pingsIn(playground, group)).toHaveLength(1);
  expect(sandbox.counts().early).toBe(0);
});

test("a track that was acknowledged is not lost when the bot is killed at once", async () => {
  const { playground, bot, sandbox } = bench;
  const { channel } = playground.conversations;
  const operation = startOperation(sandbox, "slow");
  const { conversation } = await playground.say(channel, `track ${operation.location}`);
  const answer = await playground.waitForExchange(
    ({ direction, request }) =>
      direction === "to bot" && textAt(request, "text")?.includes(operation.location) === true,
    { what: "the bot's answer to the message" },
  );
  await bot.kill();
  expect(answer.status).toBe(200);
  await bot.startAgain();
  const card = await cardTitled(playground, conversation, operation, "Create team — succeeded");
  expect(card.updates).toBeGreaterThanOrEqual(1);
  // Teams has no key against doubles: the very first post may be there twice if the bot died before it could note it.
  expect(cardsOf(playground, conversation, operation).length).toBeLessThanOrEqual(2);
  expect(sandbox.counts().early).toBe(0);
});

test("a track is repeated or kept, never half done, when the bot is killed while it is being sent", async () => {
  const { playground, bot, sandbox } = bench;
  const { personal } = playground.conversations;
  const operation = startOperation(sandbox, "slow");
  await Promise.all([playground.say(personal, `track ${operation.location}`), bot.kill()]);
  await bot.startAgain();
  // A person who saw no card asks again.
  await playground.say(personal, `track ${operation.location}`);
  await cardTitled(playground, personal, operation, "Create team — succeeded");
  expect(cardsOf(playground, personal, operation).length).toBeLessThanOrEqual(2);
  expect(sandbox.counts().early).toBe(0);
});

test("what ended while the bot was down is told when it is up again", async () => {
  const { playground, bot, sandbox } = bench;
  const { personal } = playground.conversations;
  const operations = [1, 2, 3].map(() => startOperation(sandbox, FAILING_LATE));
  await playground.say(personal, `track ${operations.map(({ location }) => location).join(" ")}`);
  for (const operation of operations) await changedCard(personal, operation);
  await bot.kill();
  await bot.startAgain();
  for (const operation of operations) {
    await cardTitled(playground, personal, operation, "Create team — failed");
    expect(cardsOf(playground, personal, operation)).toHaveLength(1);
  }
  await playground.waitFor(personal, () => pingsIn(playground, personal).length === 3, {
    what: "three pings",
  });
  expect(sandbox.counts().early).toBe(0);
});

/** Waits for the card's first change: only then it is certain that the bot has noted where its card is. */
async function changedCard(where: Conversation, operation: StartedOperation): Promise<SeenMessage> {
  const { playground } = bench;
  const cards = await playground.waitFor(
    where,
    () => cardsOf(playground, where, operation).some(({ updates }) => updates > 0),
    { what: `a changed card of ${operation.id}` },
  );
  const card = cards.find(({ id }) => id === cardsOf(playground, where, operation)[0]?.id);
  if (card === undefined) throw new Error("There is no card.");
  return card;
}
