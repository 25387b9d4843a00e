import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { asHtml, CHANNEL, GROUP, inTeam, PERSONAL, type Place } from "../support/an-activity.ts";
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
  return { ...like, id: like.id.replace(/^(a:|19:)/u, `$1${places}n`) };
}

function writesIn(place: Place): readonly Write[] {
  return bench.teams.writes.filter((write) => write.conversation === place.id);
}

/** What is said there in answer, or the card that says it. */
function saidIn(place: Place, text: string | RegExp): Promise<Write> {
  return bench.teams.when(
    String(text),
    (write) =>
      write.conversation === place.id &&
      (typeof text === "string" ? textOf(write).includes(text) : text.test(textOf(write))),
  );
}

const idOf = (location: string): string => /operations\('([^']+)/u.exec(location)?.[1] ?? "?";

describe("a message whose text hides the address", () => {
  test.each([
    [
      "a link's label",
      (href: string) => `<p><at id="0">Opwatch</at> track <a href="${href}">the new team</a></p>`,
    ],
    [
      "a label in quotes",
      (href: string) =>
        `<div>track <a title='x' href='${href.replaceAll("'", "%27")}' target="_blank">here</a></div>`,
    ],
    ["entities", (href: string) => `track <a href="${href.replaceAll("'", "&#39;")}">3a6f…</a>`],
  ])("behind %s is tracked", async (_, html) => {
    const place = aPlace(GROUP);
    const { location, path } = bench.sandbox.addOperation({ kind: "team", life: "quick" });
    const href = `https://graph.microsoft.com${path}`;
    await bench.say(place, "track the new team", asHtml(html(href)));
    const card = await saidIn(place, "Create team — succeeded");
    expect(isCard(card)).toBe(true);
    expect(JSON.stringify(card.activity)).toContain(idOf(location));
    expect(writesIn(place).filter((write) => !isCard(write))).toEqual([]);
  });

  test("the text counts where it names an address itself", async () => {
    const place = aPlace(PERSONAL);
    const inText = bench.sandbox.addOperation({ kind: "team", life: "endless" });
    const inHtml = bench.sandbox.addOperation({ kind: "team", life: "endless" });
    await bench.say(place, `track ${inText.location}`, asHtml(`<a href="${inHtml.location}">x</a>`));
    await saidIn(place, "in progress");
    expect(bench.sandbox.checksOf(inText.location).length).toBeGreaterThan(0);
    expect(bench.sandbox.checksOf(inHtml.location)).toEqual([]);
  });

  test("a copy monitor behind a label is told, and neither asked nor repeated", async () => {
    const place = aPlace(PERSONAL);
    const secret = "https://contoso.sharepoint.com/_api/v2.0/monitor/4A3407B5?tempauth=s3cret";
    await bench.say(place, "track the copy", asHtml(`<a href="${secret}">the copy</a>`));
    await saidIn(place, "file copy is monitored");
    expect(JSON.stringify(writesIn(place))).not.toMatch(/s3cret|4A3407B5|contoso/u);
  });
});

describe("near misses get a sentence of their own", () => {
  test.each([
    ["a team's location", "Location: /teams('dbd8de4f-5d47-48da-87f1-594bed003375')", /location of a team/u],
    [
      "a channel's",
      "https://graph.microsoft.com/v1.0/teams/dbd8de4f-5d47-48da-87f1-594bed003375/channels/19:4a95@thread.tacv2",
      /location of a team, channel/u,
    ],
    [
      "an @odata.context",
      '"@odata.context": "https://graph.microsoft.com/v1.0/$metadata#teams(\'x\')/operations/$entity"',
      /is an @odata\.context/u,
    ],
    ["a placeholder", "/teams/{team-id}/operations/{operation-id}", /holds a placeholder/u],
    [
      "another cloud",
      "https://graph.microsoft.us/v1.0/teams('a')/operations('b')",
      /another Microsoft cloud/u,
    ],
    ["a stranger's host", "https://evil.example/v1.0/teams('a')/operations('b')", /not on Microsoft Graph/u],
    [
      "a copy monitor",
      "https://contoso.sharepoint.com/_api/v2.0/monitor/4A3407B5?tempauth=s3cret",
      /file copy is monitored/u,
    ],
  ])("%s", async (_, pasted, told) => {
    const place = aPlace(PERSONAL);
    const { requests } = bench.sandbox.counts();
    const before = bench.events.length;
    await bench.say(place, `track ${pasted}`);
    const answer = await saidIn(place, told);
    expect(writesIn(place)).toEqual([answer]);
    expect(JSON.stringify(bench.events.slice(before))).not.toMatch(/s3cret|evil\.example/u);
    expect(textOf(answer)).not.toContain("s3cret");
    // Cards of other tests are still checked; nothing was asked for this one.
    expect(bench.sandbox.counts().requests - requests).toBeLessThan(50);
    expect(writesIn(place).some(isCard)).toBe(false);
  });
});

describe("a bare id", () => {
  test("in the chat that it belongs to is tracked to its end", async () => {
    const place = aPlace(GROUP);
    const { location } = bench.sandbox.addOperation({ kind: "chat", life: "quick", owner: place.id });
    await bench.say(place, `track ${idOf(location)}`);
    await saidIn(place, "Create chat — succeeded");
    expect(writesIn(place).every(isCard)).toBe(true);
  });

  test("that is none there is told so on its card, after one check", async () => {
    const place = aPlace(GROUP);
    const id = randomUUID();
    await bench.say(place, `track ${id}`);
    const end = await saidIn(place, "not found here");
    const body = JSON.stringify(end.activity);
    expect(body).toContain("no operation with this id in this chat or team");
    expect(body).not.toContain('"title":"Refresh"');
    const writes = writesIn(place).filter(isCard).length;
    await new Promise((resolve) => {
      setTimeout(resolve, 2_500);
    });
    expect(writesIn(place).filter(isCard)).toHaveLength(writes);
  });

  test("in a channel belongs to the team that the activity names", async () => {
    const place = aPlace(CHANNEL);
    const aadGroupId = randomUUID();
    const { location } = bench.sandbox.addOperation({ kind: "team", life: "quick", owner: aadGroupId });
    const asked = bench.teams.questions.length;
    await bench.say(place, `track ${idOf(location)}`, inTeam({ id: "19:team1@thread.tacv2", aadGroupId }));
    await saidIn(place, "Create team — succeeded");
    expect(bench.teams.questions.slice(asked).filter((path) => path.startsWith("/v3/teams/"))).toEqual([]);
  });

  test("in a channel belongs to the team that Teams tells of", async () => {
    const place = aPlace(CHANNEL);
    const aadGroupId = randomUUID();
    const id = "19:team2@thread.tacv2";
    bench.teams.team = (team) => (team === id ? { aadGroupId } : {});
    const { location } = bench.sandbox.addOperation({ kind: "team", life: "quick", owner: aadGroupId });
    await bench.say(place, `track ${idOf(location)}`, inTeam({ id }));
    await saidIn(place, "Create team — succeeded");
    expect(bench.teams.questions).toContain(`/v3/teams/${id}`);
  });

  test("in a channel of a team that Teams does not tell of needs its whole Location", async () => {
    const place = aPlace(CHANNEL);
    bench.teams.team = () => null;
    await bench.say(place, `track ${randomUUID()}`, inTeam({ id: "19:team3@thread.tacv2" }));
    expect(isCard(await saidIn(place, "whole Location"))).toBe(false);
    bench.teams.team = () => ({});
  });

  test("in a chat with the bot alone needs its whole Location", async () => {
    const place = aPlace(PERSONAL);
    const id = randomUUID();
    await bench.say(place, `track ${id}`);
    expect(textOf(await saidIn(place, "whole Location"))).toContain(`\`${id}\``);
    expect(writesIn(place)).toHaveLength(1);
  });

  test("of what is watched is enough for status and stop, in every place", async () => {
    const place = aPlace(PERSONAL);
    const { location } = bench.sandbox.addOperation({ kind: "team", life: "endless" });
    await bench.say(place, `track ${location}`);
    await saidIn(place, "in progress");
    await bench.say(place, `status ${idOf(location)}`);
    await saidIn(place, "- Status: inProgress");
    await bench.say(place, `stop ${idOf(location)}`);
    expect(isCard(await saidIn(place, "Stopped watching it."))).toBe(false);
  });
});

describe("what a cloud lacks", () => {
  test("is told before a check is spent", async () => {
    await using china = await anApp({ env: { GRAPH_CLOUD: "china" } });
    const community = china.sandbox.addOperation({ kind: "engagement", life: "quick" });
    await china.say(PERSONAL, `track ${community.path}`);
    const answer = await china.teams.when("answer", (write) =>
      textOf(write).includes("this Microsoft cloud"),
    );
    expect(china.teams.writes).toEqual([answer]);
    expect(china.sandbox.counts().requests).toBe(0);
    // What it has is tracked, and its card says which cloud it was.
    const team = china.sandbox.addOperation({ kind: "team", life: "quick" });
    await china.say(PERSONAL, `track ${team.location}`);
    const end = await china.teams.when("end", (write) => textOf(write) === "Create team — succeeded");
    expect(JSON.stringify(end.activity)).toContain("cloud: china");
    expect(china.sandbox.counts().withAuthorization).toBe(0);
  });

  test("an address of the configured cloud is taken, one of the global cloud is not", async () => {
    await using china = await anApp({ env: { GRAPH_CLOUD: "china" } });
    const { path } = china.sandbox.addOperation({ kind: "team", life: "endless" });
    await china.say(PERSONAL, `track https://graph.microsoft.com${path}`);
    await china.teams.when("answer", (write) => textOf(write).includes("another Microsoft cloud"));
    await china.say(PERSONAL, `track https://microsoftgraph.chinacloudapi.cn${path}`);
    expect((await china.teams.when("card", isCard)).method).toBe("POST");
  });
});
