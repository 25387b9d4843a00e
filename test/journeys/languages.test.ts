import { expect, test } from "vitest";
import { LANGUAGES } from "../../src/teams/words/languages.ts";
import { GROUP, PERSONAL } from "../support/an-activity.ts";
import { anApp } from "../support/an-app.ts";
import { isCard, textOf } from "../support/fake-teams.ts";

test.each(LANGUAGES.map((words) => [words.locale, words] as const))(
  "%s: a card from beginning to end, and the answers, in the language of who writes",
  async (locale, words) => {
    await using bench = await anApp();
    const { location } = bench.sandbox.addOperation({ kind: "team", life: "quick" });
    const place = { ...PERSONAL, id: `a:${locale}` };
    await bench.say(place, `track ${location}`, { locale });
    const end = words.joins.title(words.operationTypes["createTeam"] ?? "", words.standings.succeeded);
    const card = await bench.teams.when("the end", (write) => isCard(write) && textOf(write) === end);
    expect(card.activity).toMatchObject({ attachments: [{ content: { lang: locale } }] });
    expect(JSON.stringify(card.activity).includes('"rtl":true')).toBe(words.direction === "rtl");
    await bench.say(place, "help", { locale });
    expect(textOf(bench.teams.writes.at(-1) ?? card)).toContain(
      words.help("", "§").split("§")[0]?.slice(0, 20),
    );
  },
);

test("in a chat of many the cards keep the first language, and each gets answers in their own", async () => {
  await using bench = await anApp();
  const [de, ja] = [
    LANGUAGES.find(({ locale }) => locale === "de"),
    LANGUAGES.find(({ locale }) => locale === "ja"),
  ];
  const { location } = bench.sandbox.addOperation({ kind: "team", life: "quick" });
  await bench.say(GROUP, "list", { locale: "de-DE" });
  await bench.say(GROUP, `track ${location}`, { locale: "ja-JP" });
  const end = de?.joins.title(de.operationTypes["createTeam"] ?? "", de.standings.succeeded);
  await bench.teams.when("the end in German", (write) => isCard(write) && textOf(write) === end);
  await bench.say(GROUP, "list", { locale: "ja-JP" });
  expect(bench.teams.writes.at(-1)?.activity["text"]).toBe(ja?.emptyList("@Opwatch "));
});
