import type { Activity } from "botbuilder";
import { describe, expect, test } from "vitest";

import type { CardView } from "../../src/core/card-view.ts";
import type { Requester } from "../../src/core/watch.ts";
import type { Message } from "../../src/flows/ports.ts";
import { createTeams } from "../../src/teams/teams.ts";
import { ADDRESS } from "../core/samples.ts";
import { aView, GROUP, HOSTILE, WATCH } from "./samples.ts";

type Sent = {
  readonly threadId: string;
  readonly activityId: string | null;
  readonly activity: Partial<Activity>;
};

const sent: Sent[] = [];
const teams = createTeams(
  {
    post: (_to, threadId, activity) => {
      sent.push({ threadId, activityId: null, activity });
      return Promise.resolve({ kind: "done", activityId: "1" });
    },
    update: (_to, threadId, activityId, activity) => {
      sent.push({ threadId, activityId, activity });
      return Promise.resolve({ kind: "done", activityId });
    },
    member: () => Promise.reject(new Error("nobody is asked for")),
    team: () => Promise.reject(new Error("nobody is asked for")),
    channels: () => Promise.reject(new Error("nobody is asked for")),
    openChat: () => Promise.reject(new Error("nobody is asked for")),
  },
  "usgov",
);

async function told(
  message: Message,
  view: Partial<CardView>,
  requester: Requester = { id: "29:1", name: "Alex Wilber" },
): Promise<Partial<Activity>> {
  await teams.postMessage(message, GROUP, "thread", requester, aView(view));
  return sent.at(-1)?.activity ?? {};
}

describe("a message beside the card", () => {
  const usual = { count: 20, medianMs: 40_000, p95Ms: 180_000 };

  test("tells the end, and mentions who asked", async () => {
    const error = { code: "TeamUnavailable", message: "Gone." };
    const activity = await told("ping", { standing: "failed", error });
    expect(activity).toMatchObject({
      text: `<at>Alex Wilber</at> Create team — failed: TeamUnavailable — Gone. · \`${ADDRESS.operation}\``,
      textFormat: "markdown",
      summary: "Create team — failed: TeamUnavailable — Gone.",
      entities: [
        { type: "mention", text: "<at>Alex Wilber</at>", mentioned: { id: "29:1", name: "Alex Wilber" } },
      ],
    });
    expect(activity.attachments).toBeUndefined();
  });

  test("tells that it is slow, with what is usual, and calls it no failure", async () => {
    const { text } = await told("notice", { usual, isSlow: true });
    expect(text).toBe(
      `<at>Alex Wilber</at> Create team takes longer than usual: 95 of 100 were done within 3 min. It may still succeed; I keep watching. · \`${ADDRESS.operation}\``,
    );
  });

  test("what Graph said makes no link; who asked and we ourselves say what we say", async () => {
    const message = "See https://evil.example/x";
    const activity = await told(
      "ping",
      { standing: "failed", error: { code: null, message }, operation: "ftp://x" },
      { id: "29:1", name: "https://alex.example" },
    );
    expect(activity.text).toBe(
      "<at>https://alex.example</at> Create team — failed: See https:\u2060//evil.example/x · `ftp:\u2060//x`",
    );
    // To the letter: Teams looks for it in the text.
    expect(activity.entities).toMatchObject([
      { text: "<at>https://alex.example</at>", mentioned: { name: "https://alex.example" } },
    ]);
    // A toast makes no links, and is read as it is.
    expect(activity.summary).toBe(`Create team — failed: ${message}`);
  });

  test("goes without a mention where no person asked", async () => {
    const nobody = { id: null, name: "Release pipeline" };
    const error = { code: "TeamUnavailable", message: null };
    const ping = await told("ping", { standing: "failed", error }, nobody);
    expect(ping).toEqual({
      text: `Create team — failed: TeamUnavailable · \`${ADDRESS.operation}\``,
      textFormat: "markdown",
      summary: "Create team — failed: TeamUnavailable",
    });
    const notice = await told("notice", { usual, isSlow: true }, nobody);
    expect(notice.text).toMatch(/^Create team takes longer than usual/u);
    expect(notice).not.toHaveProperty("entities");
  });

  test("tells of a success of which a part failed", async () => {
    const steps = [{ group: "apps", name: "Wiki", state: "failed" }] as const;
    const { text } = await told("ping", { standing: "succeeded", steps });
    expect(text).toContain("Create team — succeeded (1 part failed)");
  });

  test.each(["ping", "notice"] as const)("a %s has no link, and one mention", async (message) => {
    for (const hostile of [...HOSTILE, "see https://evil.example/x"]) {
      const { text = "", entities } = await told(
        message,
        { standing: "failed", operationType: hostile, error: { code: hostile, message: hostile }, usual },
        { id: "29:1", name: hostile },
      );
      const [mention = ""] = /^<at>[^<]*<\/at>/u.exec(text) ?? [];
      expect(entities).toMatchObject([{ text: mention }]);
      const rest = text.slice(mention.length);
      expect(rest).not.toMatch(/<|https?:\/\/|(?<!\\)\]\(/u);
    }
  });
});

test("a card is posted and changed without a text, with what it shows and the cloud it was made for", async () => {
  const card = teams.render(aView(), WATCH, GROUP);
  await teams.postCard(GROUP, "thread", card);
  await teams.updateCard(GROUP, "thread", "7", card);
  for (const { activity } of sent.slice(-2)) {
    expect(activity).toEqual({
      summary: "Create team — in progress",
      attachments: [{ contentType: "application/vnd.microsoft.card.adaptive", content: card.card }],
    });
  }
  expect(sent.at(-1)).toMatchObject({ threadId: "thread", activityId: "7" });
  expect(JSON.stringify(card.card)).toContain("cloud: usgov");
});
