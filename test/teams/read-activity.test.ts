import { readdirSync, readFileSync } from "node:fs";

import fc from "fast-check";
import { describe, expect, test } from "vitest";

import { fieldsOf, isActivity, readActivity } from "../../src/teams/read-activity.ts";

const RECORDED = new URL("../e2e/support/recorded/", import.meta.url);
const TENANT = "7f8a1c52-3b0e-4d67-9a41-5e2c6f0b9d13";
const BOT = { id: "28:5b1d7e90-6c24-4f3a-8e15-a0c9d2f47b68", name: "Opwatch" };
const ALEX = { id: "29:1AlexWilber-Kx4dQ2rVtY8mZ0nB5cJ7hL", name: "Alex Wilber" };
const MENTION = "<at>Opwatch</at>";

type Fields = Readonly<Record<string, unknown>>;

function recorded(name: string): Fields {
  return fieldsOf(JSON.parse(readFileSync(new URL(`${name}.json`, RECORDED), "utf8")));
}

const names = readdirSync(RECORDED)
  .map((file) => file.replace(".json", ""))
  .filter((name) => name !== "headers");

const message = recorded("personal-message");
const mention = { type: "mention", text: MENTION, mentioned: BOT };

function textOf(fields: Fields): string | undefined {
  return readActivity({ ...recorded("group-message"), ...fields })?.text;
}

describe("what Teams sends", () => {
  test.each(names)("%s is read", (name) => {
    const incoming = readActivity(recorded(name));
    const kinds: Fields = { personal: "personal", group: "groupChat", channel: "channel" };
    expect(incoming?.conversation).toMatchObject({
      tenantId: TENANT,
      kind: kinds[name.split("-")[0] ?? ""],
      reference: { botId: BOT.id, botName: BOT.name },
    });
    expect(incoming?.conversation.reference.serviceUrl).toMatch(/^http:\/\/localhost:\d+\/_connector$/u);
    expect(incoming?.conversation.id).not.toContain(";messageid=");
    expect(incoming?.threadId.startsWith(incoming.conversation.id)).toBe(true);
    expect(incoming?.from.id).toMatch(/^29:1/u);
  });

  test("a message in a channel's thread belongs to the channel, and is answered in the thread", () => {
    expect(readActivity(recorded("channel-thread-reply"))).toMatchObject({
      conversation: { id: "19:561fbdbbfca848a484f0a6f00ce9dbbd@thread.tacv2" },
      threadId: "19:561fbdbbfca848a484f0a6f00ce9dbbd@thread.tacv2;messageid=1795264686737",
      from: ALEX,
    });
  });

  test.each(names)("%s names the team of a channel, and of nothing else", (name) => {
    const team = name.startsWith("channel-") ? "19:4a95f7d8db4c4e7fae857bcebe0623e6@thread.tacv2" : null;
    expect(readActivity(recorded(name))?.conversation.teamId).toBe(team);
  });

  test("an activity is known by its id, however often it comes", () => {
    expect(readActivity(message)?.activityId).toBe(message["id"]);
    expect(readActivity({ ...message, text: "another text" })?.activityId).toBe(message["id"]);
    expect(readActivity({ ...message, id: "another" })?.activityId).toBe("another");
    for (const id of ["", undefined]) expect(readActivity({ ...message, id })?.activityId).toBeNull();
  });

  test("a press on a button is of the person who pressed", () => {
    expect(readActivity(recorded("group-execute-by-another"))?.from.name).toBe("Megan Bowen");
  });

  test("an installation names nobody", () => {
    expect(readActivity(recorded("group-install"))).toMatchObject({ from: { name: "somebody" }, text: "" });
  });

  test("a tenant is taken from the channel's data where the conversation has none", () => {
    const conversation = { id: "19:x@thread.v2", conversationType: "groupChat" };
    expect(readActivity({ ...message, conversation })?.conversation.tenantId).toBe(TENANT);
    const channelData = { tenant: { id: TENANT.toUpperCase() } };
    expect(readActivity({ ...message, conversation, channelData })?.conversation.tenantId).toBe(TENANT);
  });

  test.each([
    [{}, "personal"],
    [{ isGroup: true }, "groupChat"],
    [{ isGroup: false }, "personal"],
    [{ conversationType: "channel" }, "channel"],
    [{ conversationType: "meeting", isGroup: true }, "groupChat"],
    [{ conversationType: "personal", isGroup: true }, "personal"],
  ])("a conversation with %j is %s", (fields, kind) => {
    const conversation = { id: "x", tenantId: TENANT, ...fields };
    expect(readActivity({ ...message, conversation })?.conversation.kind).toBe(kind);
  });
});

describe("the text is what was said to the bot", () => {
  test.each<[string, unknown, string]>([
    [`${MENTION} track x`, [mention], "track x"],
    [`${MENTION}&nbsp;track x`, [mention], "&nbsp;track x"],
    [`track x ${MENTION}`, [mention], "track x"],
    [`${MENTION} track x ${MENTION}`, [mention, mention], "track x"],
    ["track x", [], "track x"],
    ["track x", undefined, "track x"],
    [`${MENTION} track x`, [], `${MENTION} track x`],
    [
      "<at>Alex</at> list",
      [{ type: "mention", text: "<at>Alex</at>", mentioned: ALEX }],
      "<at>Alex</at> list",
    ],
    [`${MENTION} list`, [{ type: "mention", mentioned: BOT }], `${MENTION} list`],
    [`${MENTION} list`, [{ type: "mention", text: "", mentioned: BOT }], `${MENTION} list`],
    [`${MENTION} list`, [{ type: "clientInfo", text: MENTION, mentioned: BOT }], `${MENTION} list`],
    ["$& <at>$&</at>", [{ type: "mention", text: "<at>$&</at>", mentioned: BOT }], "$&"],
  ])("%j", (text, entities, said) => {
    expect(textOf({ text, entities })?.trim()).toBe(said);
  });

  test.each([undefined, null, ""])("is empty where there is none (%s)", (text) => {
    expect(textOf({ text, entities: [] })).toBe("");
  });
});

describe("the message's own HTML", () => {
  const html = (content: unknown, contentType: unknown = "text/html") => ({ contentType, content });
  const htmlOf = (attachments: unknown): string | undefined =>
    readActivity({ ...message, attachments })?.html;

  test("is read, markup and all", () => {
    const content = '<div><a href="https://graph.microsoft.com/v1.0/x">here</a></div>';
    expect(htmlOf([html(content)])).toBe(content);
    expect(htmlOf([html("{}", "application/json"), {}, html(content)])).toBe(content);
  });

  test("is the first, where there are several", () => {
    expect(htmlOf([html("one"), html("two")])).toBe("one");
  });

  test.each([
    ["no attachments", undefined],
    ["null", null],
    ["an empty list", []],
    ["another type", [html("<b>x</b>", "text/plain")]],
    ["no type", [{ content: "<b>x</b>" }]],
    ["a content that is no text", [html({ html: "<b>x</b>" })]],
    ["a content that is a number", [html(5)]],
    ["an empty content", [html("")]],
    ["nothing but NULs", [html("\u0000\u0000")]],
    ["more than a message may have", [html("x".repeat(102_401))]],
  ])("is empty with %s", (_, attachments) => {
    expect(htmlOf(attachments)).toBe("");
  });

  test("may be as long as a message", () => {
    expect(htmlOf([html("x".repeat(102_400))])).toHaveLength(102_400);
  });

  test("holds nothing that a database does not take", () => {
    expect(htmlOf([html("a\u0000b\ud83d")])).toBe("ab\ufffd");
  });
});

describe("ids of Entra", () => {
  const GUID = "2804bc07-1e1f-4938-9085-ce6d756a32d2";
  const WRONG = [
    undefined,
    null,
    "",
    5,
    {},
    [],
    "x",
    "not-a-guid",
    `${GUID}'`,
    `${GUID} or 1 eq 1`,
    ` ${GUID}`,
  ];

  test("of a person", () => {
    const entraIdOf = (aadObjectId: unknown) =>
      readActivity({ ...message, from: { ...ALEX, aadObjectId } })?.entraId;
    expect(entraIdOf(GUID)).toBe(GUID);
    expect(entraIdOf(GUID.toUpperCase())).toBe(GUID);
    for (const wrong of WRONG) expect(entraIdOf(wrong)).toBeNull();
  });

  test("of a channel's team", () => {
    const channel = recorded("channel-message");
    const groupIdOf = (team: unknown) => {
      const channelData = { ...fieldsOf(channel["channelData"]), team };
      return readActivity({ ...channel, channelData })?.conversation.groupId;
    };
    expect(groupIdOf({ id: "19:x@thread.tacv2", aadGroupId: GUID })).toBe(GUID);
    for (const aadGroupId of WRONG) expect(groupIdOf({ id: "19:x@thread.tacv2", aadGroupId })).toBeNull();
    for (const team of [undefined, null, 5, "x", []]) expect(groupIdOf(team)).toBeNull();
  });
});

describe("what the adapter could not work with is turned away", () => {
  const required = ["type", "channelId", "serviceUrl", "conversation", "from", "recipient"];

  test.each(required)("without %s", (field) => {
    expect(isActivity({ ...message, [field]: undefined })).toBe(false);
    for (const value of [null, "", 5, [], {}, true]) {
      expect(isActivity({ ...message, [field]: value })).toBe(false);
      expect(readActivity({ ...message, [field]: value })).toBeNull();
    }
  });

  test.each(["conversation", "from", "recipient"])("with a %s that has no id", (field) => {
    for (const id of [undefined, null, "", 5, {}])
      expect(isActivity({ ...message, [field]: { id } })).toBe(false);
  });

  test.each(["text", "id", "name", "action"])("with a %s that is no text", (field) => {
    for (const value of [5, {}, [], true]) expect(isActivity({ ...message, [field]: value })).toBe(false);
    for (const value of [undefined, null, "", "x"])
      expect(isActivity({ ...message, [field]: value })).toBe(true);
  });

  test.each(["entities", "attachments", "membersAdded", "membersRemoved"])(
    "with %s that are no list",
    (field) => {
      for (const value of [5, {}, "x", [null], [5], ["x"], [[]]]) {
        expect(isActivity({ ...message, [field]: value })).toBe(false);
      }
      for (const value of [undefined, null, [], [{}]])
        expect(isActivity({ ...message, [field]: value })).toBe(true);
    },
  );

  test("with data of the channel that is none", () => {
    for (const channelData of [5, "x", []]) expect(isActivity({ ...message, channelData })).toBe(false);
    expect(isActivity({ ...message, channelData: null })).toBe(true);
  });

  test.each([{}, { type: 5 }, [], [message], null, undefined, "message", 5, true])("%j", (body) => {
    expect(isActivity(body)).toBe(false);
    expect(readActivity(body)).toBeNull();
  });

  test("a conversation of no tenant has nobody's operations", () => {
    const conversation = { id: "a:1" };
    expect(readActivity({ ...message, conversation, channelData: {} })).toBeNull();
    expect(readActivity({ ...message, conversation, channelData: { tenant: { id: 5 } } })).toBeNull();
    expect(
      readActivity({ ...message, conversation: { id: "a:1", tenantId: "" }, channelData: null }),
    ).toBeNull();
  });
});

describe("no JSON makes it throw", () => {
  test("of any kind", () => {
    fc.assert(
      fc.property(fc.jsonValue(), (body) => {
        expect(readActivity(body) === null || isActivity(body)).toBe(true);
      }),
    );
  });

  test("nor an activity with anything in any field", () => {
    const fields = [
      "text",
      "attachments",
      "entities",
      "channelData",
      "conversation",
      "from",
      "recipient",
      "value",
      "name",
      "type",
    ];
    fc.assert(
      fc.property(
        fc.constantFrom(...names),
        fc.dictionary(fc.constantFrom(...fields), fc.jsonValue(), { maxKeys: 3 }),
        (name, changed) => {
          const body = { ...recorded(name), ...changed };
          const incoming = readActivity(body);
          if (incoming === null) return;
          expect(isActivity(body)).toBe(true);
          expect([typeof incoming.text, typeof incoming.html]).toEqual(["string", "string"]);
          expect(incoming.conversation.tenantId).not.toBe("");
        },
      ),
      { numRuns: 1_000 },
    );
  });

  test("nor many mentions of the bot", () => {
    const entities = Array.from({ length: 500 }, () => mention);
    expect(textOf({ text: MENTION.repeat(500), entities })?.trim()).toBe("");
  });
});
