import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { CHANNEL, GROUP, PERSONAL, anotherActivity, type Place } from "../support/an-activity.ts";
import { anApp, type AppBench } from "../support/an-app.ts";
import { isCard, textOf, type Write } from "../support/fake-teams.ts";

let bench: AppBench;
let places = 0;

beforeAll(async () => {
  bench = await anApp();
});
afterAll(() => bench[Symbol.asyncDispose]());

/** A conversation that no other test uses. */
function aPlace(like: Place): Place {
  places += 1;
  return { ...like, id: like.id.replace(/^(a:|19:)/u, `$1${places}x`) };
}

function answerIn(place: Place, matches: (text: string) => boolean): Promise<Write> {
  return bench.teams.when(
    "answer",
    (write) => write.conversation === place.id && !isCard(write) && matches(textOf(write)),
  );
}

function writesIn(place: Place): readonly Write[] {
  return bench.teams.writes.filter((write) => write.conversation === place.id);
}

async function tracked(
  place: Place,
  life: "endless" | "quick" | "failing" = "endless",
): Promise<{ location: string; watch: string }> {
  const { location } = bench.sandbox.addOperation({ kind: "team", life });
  await bench.say(place, `track ${location}`);
  const card = await bench.teams.when(
    "card",
    (write) =>
      write.conversation === place.id &&
      isCard(write) &&
      JSON.stringify(write.activity).includes(/operations\('([^']+)/u.exec(location)?.[1] ?? "?"),
  );
  const watch = /"watch":"([^"]+)"/u.exec(JSON.stringify(card.activity))?.[1] ?? "";
  return { location, watch };
}

describe("words", () => {
  test("help lists every command, with the mention where it is needed", async () => {
    const place = aPlace(GROUP);
    await bench.say(place, "HELP");
    const answer = await answerIn(place, (text) => text.includes("stop all"));
    for (const command of ["track", "list", "status", "stop", "help"]) {
      expect(textOf(answer)).toContain(`@Opwatch ${command}`);
    }
    expect(answer.activity["summary"]).toBeTruthy();
  });

  test.each(["", "   ", "hello", "untracked /teams('a')/operations('b')", "list everything"])(
    "%j gets a friendly hint and changes nothing",
    async (text) => {
      const place = aPlace(PERSONAL);
      await bench.say(place, text);
      await answerIn(place, (answer) => answer.includes("track") && answer.includes("help"));
      expect(writesIn(place)).toHaveLength(1);
    },
  );

  test("a paste beyond the limit is answered and does no harm", async () => {
    const place = aPlace(PERSONAL);
    await bench.say(place, `track ${"/teams('x')/operations('y') ".repeat(3_700)}`);
    await answerIn(place, (text) => text.includes("characters"));
    expect(writesIn(place)).toHaveLength(1);
  });

  test("100 KB of a response are read, and the operation in it is found", async () => {
    const place = aPlace(PERSONAL);
    const { location } = bench.sandbox.addOperation({ kind: "team", life: "endless" });
    const noise = "x-ms-ags-diagnostic: ServerInfo\r\n".repeat(2_900);
    await bench.say(place, `track ${noise}Location: ${location}\r\n`);
    await bench.teams.when("card", (write) => write.conversation === place.id && isCard(write));
  });

  test("what is no operation is answered with what was expected and an example", async () => {
    const place = aPlace(PERSONAL);
    await bench.say(
      place,
      "track https://evil.example/v1.0/teams('a')/operations('b') /teams/{id}/operations/{op}",
    );
    const text = textOf(await answerIn(place, (answer) => answer.includes("I expect")));
    expect(text).toContain("not on Microsoft Graph");
    expect(text).toContain("placeholder");
    expect(text).toContain("/teams('dbd8de4f-5d47-48da-87f1-594bed003375')/operations('");
    expect(bench.sandbox.counts().withAuthorization).toBe(0);
  });

  test("track without anything says what to paste", async () => {
    const place = aPlace(CHANNEL);
    await bench.say(place, "track");
    await answerIn(place, (text) => text.includes("@Opwatch track"));
  });
});

describe("track, list, status and stop", () => {
  test("several at once get a card each, and the wrong one among them an answer", async () => {
    const place = aPlace(GROUP);
    const locations = [1, 2, 3].map(
      () => bench.sandbox.addOperation({ kind: "team", life: "endless" }).location,
    );
    await bench.say(place, `track ${locations.join(" ")} nonsense /teams/{id}/operations/x`);
    await answerIn(
      place,
      (text) => text.includes("`/teams/{id}/operations/x`") && !text.includes("nonsense"),
    );
    await bench.teams.when(
      "three cards",
      () => writesIn(place).filter((write) => isCard(write) && write.method === "POST").length === 3,
    );
  });

  test("chat and Viva Engage operations work like team operations", async () => {
    const place = aPlace(PERSONAL);
    const chat = bench.sandbox.addOperation({ kind: "chat", life: "quick" });
    const community = bench.sandbox.addOperation({ kind: "engagement", life: "quick" });
    await bench.say(place, `track ${chat.location} ${community.location}`);
    await bench.teams.when("chat's end", (write) => textOf(write) === "Create chat — succeeded");
    await bench.teams.when("community's end", (write) => textOf(write) === "Create community — succeeded");
  });

  test("tracking again points to the card that is there", async () => {
    const place = aPlace(GROUP);
    const { location } = await tracked(place);
    await bench.say(
      place,
      `track ${location.replaceAll("'", "").replace("(", "/").replace(")", "").replace("(", "/").replace(")", "")}`,
    );
    await answerIn(place, (text) => text.includes("already watching"));
    expect(writesIn(place).filter((write) => isCard(write) && write.method === "POST")).toHaveLength(1);
  });

  test("list names what is watched here and nothing of elsewhere", async () => {
    const [here, elsewhere] = [aPlace(PERSONAL), aPlace(PERSONAL)];
    const mine = await tracked(here);
    const other = await tracked(elsewhere);
    await bench.say(here, "list");
    const text = textOf(await answerIn(here, (answer) => answer.includes("watching one operation")));
    expect(text).toContain(/operations\('([^']+)/u.exec(mine.location)?.[1]);
    expect(text).not.toContain(/operations\('([^']+)/u.exec(other.location)?.[1]);
  });

  test("a channel's watches are listed in every thread of it, and each card is in its own thread", async () => {
    const channel = aPlace(CHANNEL);
    const otherThread = { ...channel, id: channel.id.replace(/messageid=.*/u, "messageid=1700000000009") };
    await tracked(channel);
    await bench.say(otherThread, "list");
    await answerIn(otherThread, (text) => text.includes("watching one operation"));
    expect(writesIn(channel).some(isCard)).toBe(true);
  });

  test("status tells the facts of the store, by address and by operation id, and asks Graph nothing", async () => {
    const place = aPlace(PERSONAL);
    const { location } = await tracked(place, "failing");
    await bench.teams.when(
      "end",
      (write) => write.conversation === place.id && textOf(write).startsWith("Create team — failed"),
    );
    const before = bench.sandbox.checksOf(location).length;
    await bench.say(place, `status ${/operations\('([^']+)/u.exec(location)?.[1]}`);
    const text = textOf(await answerIn(place, (answer) => answer.includes("Status: failed")));
    expect(text).toContain("TeamUnavailable");
    expect(bench.sandbox.checksOf(location)).toHaveLength(before);
  });

  test("stop ends the checks, the card says so, and nothing is written after", async () => {
    const place = aPlace(PERSONAL);
    const { location } = await tracked(place);
    await bench.say(place, `stop ${location}`);
    await answerIn(place, (text) => text.includes("Stopped watching"));
    await bench.teams.when(
      "stopped card",
      (write) => write.conversation === place.id && textOf(write).includes("no longer watched"),
    );
    const checks = bench.sandbox.checksOf(location).length;
    const writes = writesIn(place).length;
    await new Promise((resolve) => {
      setTimeout(resolve, 2_500);
    });
    expect(bench.sandbox.checksOf(location).length).toBeLessThanOrEqual(checks + 1);
    expect(writesIn(place)).toHaveLength(writes);
    await bench.say(place, `stop ${location}`);
    await answerIn(place, (text) => text.includes("not watching it any more"));
  });

  test("stop all stops what is watched here", async () => {
    const [place, other] = [aPlace(GROUP), aPlace(GROUP)];
    await tracked(place);
    await tracked(place);
    await tracked(other);
    await bench.say(place, "stop all");
    await answerIn(place, (text) => text.includes("2 operations"));
    await bench.say(other, "list");
    await answerIn(other, (text) => text.includes("watching one operation"));
    await bench.say(place, "stop all");
    await answerIn(place, (text) => text.includes("nothing to stop"));
  });

  test("stop and status of what is not watched here say so", async () => {
    const place = aPlace(PERSONAL);
    const { location } = await tracked(aPlace(PERSONAL));
    await bench.say(place, `stop ${location}`);
    await answerIn(place, (text) => text.includes("I'm not watching"));
    await bench.say(place, "status");
    await answerIn(place, (text) => text.includes("Which operation"));
  });
});

describe("the end", () => {
  test("a failure shows code and message and mentions the requester once", async () => {
    const place = aPlace(GROUP);
    await tracked(place, "failing");
    const ping = await bench.teams.when(
      "ping",
      (write) => write.conversation === place.id && !isCard(write) && textOf(write).includes("<at>"),
    );
    expect(textOf(ping)).toContain("TeamUnavailable");
    expect(JSON.stringify(ping.activity["entities"])).toContain("29:1AlexWilber");
    const card = writesIn(place).filter(isCard).at(-1);
    expect(JSON.stringify(card?.activity)).toContain("The team was not found.");
    await bench.app.sweep();
    expect(writesIn(place).filter((write) => textOf(write).includes("<at>"))).toHaveLength(1);
  });

  test("a quick success is shown without a ping", async () => {
    const place = aPlace(PERSONAL);
    await tracked(place, "quick");
    await bench.teams.when(
      "end",
      (write) => write.conversation === place.id && textOf(write).includes("succeeded"),
    );
    await bench.app.sweep();
    expect(writesIn(place).filter((write) => !isCard(write))).toEqual([]);
  });

  test("every post and edit of a card has a summary, one attachment and no text", async () => {
    for (const { activity } of bench.teams.writes.filter(isCard)) {
      expect(activity["summary"]).toMatch(/\S/u);
      expect(activity["attachments"]).toHaveLength(1);
      expect(activity["text"]).toBeUndefined();
    }
    expect(bench.teams.writes.filter(isCard).length).toBeGreaterThan(10);
  });
});

describe("buttons", () => {
  test("Refresh answers with the card and how old its answer is, and never asks Graph too early", async () => {
    const place = aPlace(PERSONAL);
    const { watch } = await tracked(place);
    await bench.teams.when(
      "an answer",
      (write) => write.conversation === place.id && textOf(write).includes("in progress"),
    );
    const presses = await Promise.all(
      [1, 2, 3, 4, 5].map(() => bench.press(place, { verb: "refresh", watch })),
    );
    for (const { status, body } of presses) {
      expect(status).toBe(200);
      expect(body).toMatchObject({ statusCode: 200, type: "application/vnd.microsoft.card.adaptive" });
      expect(JSON.stringify(body)).toMatch(/Checked \d+ s ago|Asking Graph now/u);
    }
    expect(bench.sandbox.counts().early).toBe(0);
  });

  test("Stop tracking answers with the stopped card", async () => {
    const place = aPlace(GROUP);
    const { watch } = await tracked(place);
    const { body } = await bench.press(place, { verb: "stop", watch });
    expect(JSON.stringify(body)).toContain("no longer watched");
    await bench.teams.when(
      "stopped card",
      (write) => write.conversation === place.id && textOf(write).includes("no longer watched"),
    );
  });

  test("clients without Action.Execute get the same by Action.Submit", async () => {
    const place = aPlace(PERSONAL);
    const { watch } = await tracked(place);
    await bench.press(place, { verb: "refresh", watch, submit: true });
    await answerIn(place, (text) => /Checked \d+ s ago|Asking Graph now/u.test(text));
    await bench.press(place, { verb: "stop", watch, submit: true });
    await answerIn(place, (text) => text.includes("Stopped watching"));
  });

  test.each(["refresh", "stop"])(
    "%s of another conversation's watch is refused and changes nothing",
    async (verb) => {
      const owner = aPlace(GROUP);
      const { watch } = await tracked(owner);
      const { body } = await bench.press(aPlace(PERSONAL), { verb, watch });
      expect(body).toMatchObject({ type: "application/vnd.microsoft.activity.message" });
      await bench.say(owner, "list");
      await answerIn(owner, (text) => text.includes("watching one operation"));
    },
  );

  test.each(["", "not-a-uuid", "00000000-0000-0000-0000-000000000000"])(
    "a press with the watch id %j is answered",
    async (watch) => {
      const { status, body } = await bench.press(aPlace(PERSONAL), { verb: "refresh", watch });
      expect(status).toBe(200);
      expect(body).toMatchObject({ type: "application/vnd.microsoft.activity.message" });
    },
  );
});

describe("coming and going", () => {
  test("installing greets once, however often Teams tells of it", async () => {
    const place = aPlace(GROUP);
    await bench.install(place);
    await bench.install(place);
    await answerIn(place, (text) => text.includes("I'm Opwatch"));
    expect(writesIn(place)).toHaveLength(1);
  });

  test("after removal nothing is written, and a new installation greets again", async () => {
    const place = aPlace(GROUP);
    const { location } = await tracked(place);
    await bench.install(place, "remove");
    const writes = writesIn(place).length;
    const checks = bench.sandbox.checksOf(location).length;
    await new Promise((resolve) => {
      setTimeout(resolve, 2_500);
    });
    expect(writesIn(place)).toHaveLength(writes);
    expect(bench.sandbox.checksOf(location).length).toBeLessThanOrEqual(checks + 1);
    await bench.install(place);
    await answerIn(place, (text) => text.includes("I'm Opwatch"));
  });

  test("another tenant that names the conversation reaches nothing in it", async () => {
    const place = aPlace(GROUP);
    const strange: Place = { ...place, tenant: "99999999-9999-4999-8999-999999999999" };
    await tracked(place);
    for (const text of ["list", "stop all"]) await bench.say(strange, text);
    await answerIn(place, (text) => text.includes("another organization"));
    expect(writesIn(place).filter((write) => textOf(write).includes("another organization"))).toHaveLength(2);
    await bench.install(strange, "remove");
    const deleted = {
      type: "conversationUpdate",
      channelData: {
        tenant: { id: strange.tenant },
        eventType: "channelDeleted",
        channel: { id: place.id },
        team: { id: place.id },
      },
    };
    await bench.post(anotherActivity(bench.teams.serviceUrl, strange, deleted));
    await bench.say(place, "list");
    await answerIn(place, (text) => text.includes("watching one operation"));
  });

  test("other activities are taken without a word", async () => {
    const place = aPlace(GROUP);
    for (const fields of [
      { type: "typing" },
      { type: "messageReaction", reactionsAdded: [{ type: "like" }] },
      { type: "conversationUpdate", membersAdded: [{ id: "29:someone" }] },
      { type: "event", name: "x" },
      { type: "messageUpdate", text: "track x" },
    ]) {
      const { status } = await bench.post(anotherActivity(bench.teams.serviceUrl, place, fields));
      expect(status).toBeLessThan(500);
    }
    expect(writesIn(place)).toEqual([]);
  });
});
