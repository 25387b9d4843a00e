import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { CHANNEL, GROUP, PERSONAL, type Place } from "../support/an-activity.ts";
import { anApp, type AppBench } from "../support/an-app.ts";
import { textOf, type Write } from "../support/fake-teams.ts";

const OTHER_TENANT = "aaaabbbb-0000-cccc-1111-dddd2222eeee";

let bench: AppBench;
let places = 0;

beforeAll(async () => {
  bench = await anApp();
});
afterAll(() => bench[Symbol.asyncDispose]());

/** A conversation that no other test uses. */
function aPlace(like: Place = PERSONAL, more: Partial<Place> = {}): Place {
  places += 1;
  return { ...like, id: like.id.replace(/^(a:|19:)/u, `$1alias${places}x`), ...more };
}

function writesIn(place: Place): readonly Write[] {
  return bench.teams.writes.filter((write) => write.conversation === place.id);
}

/** Says something and gives the one message that answers it. */
async function answerTo(place: Place, text: string): Promise<string> {
  const before = writesIn(place).length;
  await bench.say(place, text);
  await bench.teams.when(`answer to "${text}"`, () => writesIn(place).length > before);
  const [answer, ...others] = writesIn(place).slice(before);
  expect(others).toEqual([]);
  expect(answer?.activity["summary"]).not.toMatch(/`|\*\*/u);
  return answer === undefined ? "" : textOf(answer);
}

const SET = (name: string): string => `Pipelines can now post here as \`${name}\`.`;

describe("a name for a conversation", () => {
  test.each([
    ["a personal chat", PERSONAL, ""],
    ["a group chat", GROUP, "@Opwatch "],
    ["a channel", CHANNEL, "@Opwatch "],
  ])("is given, told and taken away in %s", async (_, like, mention) => {
    const place = aPlace(like);
    const name = `given-${places}`;
    expect(await answerTo(place, "alias")).toContain(`no alias. **${mention}alias** \`name\``);
    expect(await answerTo(place, `alias ${name}`)).toBe(SET(name));
    expect(await answerTo(place, "alias")).toBe(
      `Pipelines can post here as \`${name}\`. **${mention}alias remove** \`name\` takes one away.`,
    );
    expect(await answerTo(place, `alias remove ${name}`)).toContain(`\`${name}\` is gone`);
    expect(await answerTo(place, "alias")).toContain("no alias");
    expect(await answerTo(place, `alias remove ${name}`)).toBe(`This conversation has no alias \`${name}\`.`);
  });

  test("is the same in whatever letters, and given twice is given once", async () => {
    const place = aPlace();
    expect(await answerTo(place, "ALIAS Build.EU_1-x")).toBe(SET("build.eu_1-x"));
    expect(await answerTo(place, "alias build.eu_1-X")).toBe(SET("build.eu_1-x"));
    expect(await answerTo(place, "alias")).toContain("as `build.eu_1-x`.");
    expect(await answerTo(place, "alias REMOVE BUILD.eu_1-x")).toContain("is gone");
  });

  test("may be one of several, told in their order", async () => {
    const place = aPlace();
    for (const name of ["several-b", "several-c", "several-a"]) await answerTo(place, `alias ${name}`);
    expect(await answerTo(place, "alias")).toContain("as `several-a`, `several-b`, `several-c`.");
    await answerTo(place, "alias remove several-b");
    expect(await answerTo(place, "alias")).toContain("as `several-a`, `several-c`.");
  });

  test("is the channel's, whichever thread it was given in", async () => {
    const thread = aPlace(CHANNEL);
    const other: Place = { ...thread, id: thread.id.replace(/messageid=.*$/u, "messageid=1700000009999") };
    expect(await answerTo(thread, "alias of-channel")).toBe(SET("of-channel"));
    expect(await answerTo(other, "alias")).toContain("as `of-channel`.");
    expect(await answerTo(other, "alias remove of-channel")).toContain("is gone");
    expect(await answerTo(thread, "alias")).toContain("no alias");
  });
});

describe("a name that somebody has", () => {
  test("can't be had by another chat of the tenant, in no letters, until it is given up", async () => {
    const [first, second] = [aPlace(), aPlace(GROUP)];
    await answerTo(first, "alias taken");
    for (const name of ["taken", "TAKEN"]) {
      expect(await answerTo(second, `alias ${name}`)).toBe(
        "Another conversation has the alias `taken` already. Choose another one.",
      );
    }
    expect(await answerTo(second, "alias")).toContain("no alias");
    expect(await answerTo(first, "alias")).toContain("as `taken`.");
    await answerTo(first, "alias remove taken");
    expect(await answerTo(second, "alias taken")).toBe(SET("taken"));
  });

  test("is not taken away from elsewhere", async () => {
    const [first, second] = [aPlace(), aPlace()];
    await answerTo(first, "alias mine");
    expect(await answerTo(second, "alias remove mine")).toBe("This conversation has no alias `mine`.");
    expect(await answerTo(first, "alias")).toContain("as `mine`.");
  });

  test("is another one in another tenant", async () => {
    const here = aPlace(GROUP);
    const there = aPlace(GROUP, { tenant: OTHER_TENANT });
    bench.teams.member = (roster) => (roster === there.id ? { tenantId: OTHER_TENANT } : {});
    expect(await answerTo(here, "alias same")).toBe(SET("same"));
    expect(await answerTo(there, "alias same")).toBe(SET("same"));
    expect(await answerTo(there, "alias remove same")).toContain("is gone");
    expect(await answerTo(here, "alias")).toContain("as `same`.");
  });

  test("is given to one of many who ask at once", async () => {
    const all = Array.from({ length: 6 }, () => aPlace());
    const answers = await Promise.all(all.map((place) => answerTo(place, "alias race")));
    expect(answers.filter((answer) => answer === SET("race"))).toHaveLength(1);
    expect(answers.filter((answer) => answer.startsWith("Another conversation"))).toHaveLength(5);
  });
});

describe("what is no name", () => {
  test.each([
    "-build",
    ".build",
    "_build",
    "build!",
    "build/eu",
    "b\u00fcld",
    "two words",
    "remove two words",
    "remove build!",
    "`build`",
    "<b>build</b>",
    "x".repeat(65),
    "' or 1=1",
    "../etc",
  ])("%j is told what one is, and nothing is changed", async (name) => {
    const place = aPlace();
    expect(await answerTo(place, `alias ${name}`)).toMatch(
      /^An alias has 1 to 64 letters, digits, dots, dashes or underscores/u,
    );
    expect(await answerTo(place, "alias")).toContain("no alias");
  });

  test('"remove" alone is no name either: it was meant to take one away', async () => {
    const place = aPlace();
    expect(await answerTo(place, "alias remove")).not.toContain("can now post here");
    expect(await answerTo(place, "alias")).toContain("no alias");
  });

  test.each(["x", "7", "x".repeat(64), "a.b-c_d", "constructor", "__proto__".slice(2)])(
    "%j is one",
    async (name) => {
      expect(await answerTo(aPlace(), `alias ${name}`)).toBe(SET(name));
    },
  );
});

test("Graph is asked about none of it", () => {
  expect(bench.sandbox.counts().requests).toBe(0);
});
