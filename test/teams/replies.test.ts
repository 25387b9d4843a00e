import fc from "fast-check";
import { describe, expect, test } from "vitest";

import { parseAddress, type AddressProblem, type Refused } from "../../src/core/address.ts";
import { findAddresses } from "../../src/core/find-addresses.ts";
import { NO_TRACE } from "../../src/core/answer.ts";
import { MAX_COMMAND_LENGTH } from "../../src/core/command.ts";
import type { OperationState } from "../../src/core/operation.ts";
import { Replies } from "../../src/teams/replies.ts";
import { EN } from "../../src/teams/words/en.ts";
import { ADDRESS, after, aSnapshot, NO_ANSWER, refuses, says, START, times } from "../core/samples.ts";
import { aRecord, CHANNEL, GROUP, liveMarkdownIn, nastyText, PERSONAL } from "./samples.ts";

const EXAMPLE =
  "/teams('dbd8de4f-5d47-48da-87f1-594bed003375')/operations('3a6fdce1-c261-48bc-89de-1cfef658c0d5')";
const here = new Replies(EN, PERSONAL);
const inGroup = new Replies(EN, GROUP);
const RUNNING = aRecord({ state: after(says("inProgress")) });

const GRAPH = { origin: "https://graph.microsoft.com", cloud: "global" } as const;

const refusedAs = (problem: AddressProblem, text: string): Refused => ({ ok: false, problem, text });

function saysTo(refused: readonly Refused[]): string {
  return here.track({ kind: "tracked", tracked: [], refused, denied: [] }) ?? "nothing";
}

describe("help", () => {
  test("tells every command, with an example that works", () => {
    for (const command of ["track", "list", "status", "stop", "stop all", "alias", "help"])
      expect(here.help()).toContain(command);
    expect(here.help()).toContain(EXAMPLE);
    expect(parseAddress(EXAMPLE, GRAPH)).toMatchObject({ ok: true });
  });

  test("names the bot where it has to be mentioned, and only there", () => {
    expect(inGroup.help()).toContain("**@Opwatch track**");
    expect(new Replies(EN, CHANNEL).hint(false)).toContain("@Opwatch");
    expect(here.help() + here.hint(false)).not.toContain("@Opwatch");
  });

  test("of a location without a command says what to write before it", () => {
    expect(here.hint(true)).toContain("**track** before it");
    expect(inGroup.hint(true)).toContain("**@Opwatch track** before it");
  });

  test("comes with the welcome", () => {
    expect(here.welcome()).toContain(here.help());
    expect(here.welcome()).toContain("Opwatch");
  });

  test("a bot's name is no Markdown", () => {
    const named = { ...GROUP, reference: { ...GROUP.reference, botName: "[x](y)" } };
    expect(new Replies(EN, named).hint(false)).toContain("@\\[x\\]\\(y\\) ");
  });
});

describe("track", () => {
  test("says nothing about new watches: their cards do", () => {
    expect(
      here.track({ kind: "tracked", tracked: [{ watch: RUNNING, isNew: true }], refused: [], denied: [] }),
    ).toBeNull();
    expect(here.track({ kind: "tracked", tracked: [], refused: [], denied: [] })).toBeNull();
  });

  test("tells how a known one stands, with a link to its card where there is one", () => {
    const reply = {
      kind: "tracked",
      tracked: [{ watch: RUNNING, isNew: false }],
      refused: [],
      denied: [],
    } as const;
    expect(here.track(reply)).toContain("**Create team** — in progress");
    expect(here.track(reply)).not.toContain("](");
    expect(inGroup.track(reply)).toContain("](https://teams.microsoft.com/l/message/");
  });

  test.each<[AddressProblem, RegExp]>([
    ["notAnOperation", /not the location of an operation/u],
    ["target", /location of a team, channel or other resource, not of the operation/u],
    ["placeholder", /holds a placeholder, or was cut off\. Paste the whole value/u],
    ["metadata", /@odata\.context.*Location header/u],
    ["unknownHost", /not on Microsoft Graph/u],
    ["malformed", /can't be read/u],
  ])("%s: says what is wrong, what was read and what is expected", (problem, reason) => {
    const text = saysTo([refusedAs(problem, "hello")]);
    expect(text).toMatch(reason);
    expect(text).toMatch(/^`hello` /u);
    expect(text).toContain(`\`${EXAMPLE}\``);
  });

  test.each<[AddressProblem, RegExp]>([
    ["otherCloud", /^`hello` belongs to another Microsoft cloud/u],
    ["notInCloud", /^`hello`: this Microsoft cloud doesn't have/u],
    ["signedInUser", /^`hello` begins with \/me.*\/users\//u],
    ["copyMonitor", /file copy is monitored.*neither used nor kept.*delete your message/u],
    ["authentication", /sign-in methods.*don't watch/u],
  ])("%s: says what is wrong; an example would not help", (problem, reason) => {
    const text = saysTo([refusedAs(problem, "hello")]);
    expect(text).toMatch(reason);
    expect(text).not.toContain(EXAMPLE);
  });

  test("every problem has a sentence of its own", () => {
    const problems = Object.keys(EN.refused);
    expect(problems).toHaveLength(11);
    expect(new Set(Object.values(EN.refused).map((words) => words("x"))).size).toBe(problems.length);
  });

  test.each([
    "https://contoso.sharepoint.com/_api/v2.0/monitor/4A3407B5-88FC-4504-8B21-0AABD3412717?tempauth=s3cret",
    "https://contoso-my.sharepoint.com/personal/alex/_api/v2.1/drives/b!x/operations/y?tempauth=s3cret",
    "https://api.onedrive.com/v1.0/monitor/4sCKnPLS2WUCPwpA?sig=s3cret",
    "https://my.microsoftpersonalcontent.com/_api/v2.0/monitor/s3cret",
  ])("nothing of a copy monitor's address is repeated: %s", (address) => {
    for (const pasted of [address, `Location: ${address}`, `(${address})`, `look at ${address}.`]) {
      const { addresses, nearMisses, bareIds } = findAddresses(pasted, GRAPH);
      expect([addresses, bareIds]).toEqual([[], []]);
      const text = saysTo(nearMisses);
      expect(text).toBe(EN.refused.copyMonitor(""));
      for (const part of ["s3cret", "contoso", "onedrive", "personalcontent", "monitor/", "_api"]) {
        expect(text).not.toContain(part);
        expect(JSON.stringify(nearMisses)).not.toContain(part);
      }
    }
  });

  test("a copy monitor's address beside something else is not repeated either", () => {
    const secret = "https://contoso.sharepoint.com/_api/v2.0/monitor/4A3407B5?tempauth=s3cret";
    for (const pasted of [
      `${secret} /teams/{id}/operations/{op}`,
      `${secret} nonsense`,
      `${secret} ${EXAMPLE}`,
      `<a href="${secret}">status</a>`,
      `{"Location": "${secret}"}`,
    ]) {
      const { nearMisses } = findAddresses(pasted, GRAPH);
      expect(saysTo(nearMisses)).toContain("file copy is monitored");
      expect(JSON.stringify(nearMisses)).not.toMatch(/s3cret|4A3407B5|contoso/u);
    }
  });

  test("says what is expected once", () => {
    const text = saysTo([refusedAs("malformed", "a"), refusedAs("placeholder", "b")]);
    expect(text.split(EXAMPLE)).toHaveLength(2);
  });

  test("a long list of nonsense gets a bounded answer", () => {
    const text = saysTo(Array.from({ length: 8_000 }, () => refusedAs("notAnOperation", "x".repeat(2_000))));
    expect(text.length).toBeLessThan(8_000);
  });

  test("without anything to track says what to paste", () => {
    expect(here.track({ kind: "nothing" })).toContain(EXAMPLE);
  });

  test("says how many were too many", () => {
    expect(here.track({ kind: "tooMany", count: 21, max: 20 })).toMatch(/21.*20/u);
  });

  test("says who may not track, and what they can do instead", () => {
    expect(here.track({ kind: "guest" })).toMatch(/Guests can't track.*Ask a member/u);
    expect(here.track({ kind: "unknownPerson" })).toMatch(/didn't tell me who you are.*try again/u);
  });

  test("says where a bare id works", () => {
    const id = "3a6fdce1-c261-48bc-89de-1cfef658c0d5";
    expect(here.track({ kind: "bareId", text: id })).toMatch(
      new RegExp(`^\`${id}\` .*only in the chat or team.*whole Location`, "u"),
    );
    const long = here.track({ kind: "bareId", text: `${"1".repeat(5_000)}\`*x*` }) ?? "";
    expect(long.split("`")).toHaveLength(3);
    expect(long.length).toBeLessThan(400);
  });

  test.each([
    ["notMember", /only members of the team or chat/u],
    ["otherConversation", /only be tracked in the chat or team that it belongs to/u],
    ["membersUnknown", /TeamMember\.Read\.All, ChatMember\.Read\.All/u],
    ["noMembers", /belongs to no team or chat/u],
  ] as const)("denied, %s: says why, and of which operation", (why, reason) => {
    const text =
      here.track({ kind: "tracked", tracked: [], refused: [], denied: [{ address: ADDRESS, why }] }) ?? "";
    expect(text).toMatch(reason);
    expect(text.startsWith(`\`${ADDRESS.operation}\``)).toBe(true);
    // That is no misunderstanding about what to paste.
    expect(text).not.toContain(EXAMPLE);
  });

  test("many that were denied are counted", () => {
    const denied = Array.from({ length: 20 }, () => ({ address: ADDRESS, why: "notMember" }) as const);
    const text = here.track({ kind: "tracked", tracked: [], refused: [], denied }) ?? "";
    expect(text.split("only members of")).toHaveLength(4);
    // What it counts was understood very well, and must not be called unreadable.
    expect(text.split("\n\n").at(-1)).toMatch(/17/u);
    expect(text).not.toContain("can't read");
  });

  test("known, denied and refused ones are told together", () => {
    const text = here.track({
      kind: "tracked",
      tracked: [{ watch: RUNNING, isNew: false }],
      denied: [{ address: ADDRESS, why: "notMember" }],
      refused: [refusedAs("malformed", "zzz")],
    });
    expect(text?.split("\n\n")).toEqual([
      expect.stringContaining("already watching"),
      expect.stringContaining("only members"),
      expect.stringContaining("`zzz`"),
      EN.expected(EXAMPLE),
    ]);
  });

  test("says that another organization is not served", () => {
    expect(here.track({ kind: "foreignTenant" })).toMatch(/another organization/u);
  });
});

describe("list", () => {
  test("of nothing says how to begin", () => {
    expect(here.list([])).toContain("**track**");
    expect(inGroup.list([])).toContain("**@Opwatch track**");
  });

  test("has a line for each, with all it takes to tell them apart", () => {
    const text = here.list([RUNNING, aRecord()]);
    expect(text.split("\n")).toEqual([
      "I'm watching 2 operations here:",
      `- **Create team** — in progress · asked by Alex Wilber · \`${ADDRESS.operation}\``,
      `- **Team operation** — asking Graph · asked by Alex Wilber · \`${ADDRESS.operation}\``,
    ]);
  });

  test("shows 25 and counts the rest", () => {
    const lines = here.list(Array.from({ length: 40 }, () => RUNNING)).split("\n");
    expect(lines).toHaveLength(28);
    expect(lines.at(-1)).toBe("…and 15 more.");
    expect(here.list(Array.from({ length: 25 }, () => RUNNING)).split("\n")).toHaveLength(26);
  });
});

describe("status", () => {
  test("tells the card's facts, in times that a message can show", () => {
    const text = here.status({ kind: "found", watch: RUNNING });
    expect(text).toContain("**Create team — in progress**");
    expect(text).toContain("- Status: inProgress");
    expect(text).toContain("- Started: Nov 21, 2026, 11:59:00 UTC");
    expect(text).toContain(`- Operation: ${ADDRESS.operation}`);
    expect(text).not.toContain("{{");
  });

  test("tells of trouble", () => {
    const state = after(says("inProgress"), ...times(3, NO_ANSWER));
    expect(here.status({ kind: "found", watch: aRecord({ state }) })).toContain(
      "Graph has not answered since Nov 21, 2026, 12:01:02 UTC",
    );
  });

  test("tells the progress", () => {
    const steps = [{ group: "apps", name: "Wiki", state: "done" }] as const;
    const progress = (state: OperationState): string | undefined =>
      here
        .status({ kind: "found", watch: aRecord({ state }) })
        .split("\n")
        .find((line) => line.startsWith("- Progress"));
    expect(progress(after(says("inProgress", { steps })))).toBe("- Progress: Apps 1 of 1");
    expect(progress(after(says("inProgress", { percent: 40 })))).toBe("- Progress: ▰▰▰▰▱▱▱▱▱▱ 40 %");
    expect(progress(after(says("succeeded", { percent: 100, steps })))).toBeUndefined();
  });

  test("of an operation without access names the permission", () => {
    expect(here.status({ kind: "found", watch: aRecord({ state: after(refuses(403)) }) })).toContain(
      "Team.Create",
    );
  });

  test("without an operation asks which one", () => {
    expect(here.status({ kind: "nothing" })).toMatch(/Which operation\?.*\*\*status\*\*/u);
    expect(inGroup.stop({ kind: "nothing" })).toContain("**@Opwatch stop**");
  });

  test("of an unknown one repeats what was asked for", () => {
    expect(here.status({ kind: "unknown", text: EXAMPLE })).toContain("3a6fdce1-c261-48bc-89de-1cfef658c0d5");
    expect(here.status({ kind: "unknown", text: "what?" })).toContain(" `what?` ");
  });
});

describe("stop", () => {
  test("counts what was stopped", () => {
    expect(here.stop({ kind: "stopped", watches: [RUNNING] })).toBe("Stopped watching it.");
    expect(here.stop({ kind: "stopped", watches: [RUNNING, RUNNING] })).toContain("2 operations");
    expect(here.stop({ kind: "stopped", watches: [] })).toContain("nothing to stop");
  });

  test("says how one stands that is over", () => {
    const watch = aRecord({ state: after(says("failed")), closed: { reason: "ended", at: START } });
    expect(here.stop({ kind: "over", watch })).toContain("**Create team** — failed");
  });

  test("of an unknown one says so", () => {
    expect(here.stop({ kind: "unknown", text: "zzz" })).toContain(" `zzz` ");
  });
});

describe("alias", () => {
  test("that was set is told, and what it is good for", () => {
    expect(here.alias({ kind: "set", name: "build-42" })).toBe("Pipelines can now post here as `build-42`.");
  });

  test("that somebody else has can't be had, and nothing is told of the other place", () => {
    expect(here.alias({ kind: "taken", name: "build" })).toBe(
      "Another conversation has the alias `build` already. Choose another one.",
    );
  });

  test("that is none says what one is, with an example", () => {
    expect(here.alias({ kind: "bad" })).toMatch(
      /1 to 64 letters, digits, dots, dashes or underscores.*\*\*alias\*\* `provisioning`/u,
    );
    expect(inGroup.alias({ kind: "bad" })).toContain("**@Opwatch alias** `provisioning`");
  });

  test("the list of them says how to get rid of one, or how to begin", () => {
    expect(here.alias({ kind: "list", names: ["build", "deploy.eu"] })).toBe(
      "Pipelines can post here as `build`, `deploy.eu`. **alias remove** `name` takes one away.",
    );
    expect(inGroup.alias({ kind: "list", names: ["build"] })).toContain("**@Opwatch alias remove**");
    expect(here.alias({ kind: "list", names: [] })).toMatch(/has no alias\. \*\*alias\*\* `name`/u);
    expect(inGroup.alias({ kind: "list", names: [] })).toContain("**@Opwatch alias**");
  });

  test("that was removed is gone, and what it made stays", () => {
    expect(here.alias({ kind: "removed", name: "build" })).toMatch(/`build` is gone.*stay/u);
    expect(here.alias({ kind: "unknown", name: "build" })).toBe("This conversation has no alias `build`.");
  });

  test("keeps whatever its name is in its code span", () => {
    fc.assert(
      fc.property(nastyText, (name) => {
        for (const kind of ["set", "taken", "removed", "unknown"] as const) {
          onlySpanOf(here.alias({ kind, name }));
        }
        expect(here.alias({ kind: "list", names: [name] }).split("`")).toHaveLength(5);
      }),
    );
  });
});

test("too long a message is told its length and the limit", () => {
  expect(here.tooLong(20_000)).toMatch(new RegExp(`20000.*${MAX_COMMAND_LENGTH}`, "u"));
});

test("trouble of our own is no trouble of the person's", () => {
  expect(here.trouble()).toMatch(/try again/u);
});

const stateOf = (texts: readonly string[]): OperationState =>
  after({
    kind: "snapshot",
    trace: NO_TRACE,
    snapshot: aSnapshot(texts[0] ?? "", {
      targetId: texts[2] ?? "",
      detail: texts[3] ?? "",
      error: { code: texts[4] ?? "", message: texts[5] ?? "" },
    }),
    retryAfterMs: null,
  });

test("nothing that Graph or a person said is Markdown, a link or a mention", () => {
  fc.assert(
    fc.property(fc.array(nastyText, { minLength: 7, maxLength: 7 }), (texts) => {
      const operation = texts[6] ?? "";
      const watch = aRecord({
        state: stateOf(texts),
        address: { ...ADDRESS, operation },
        requester: { id: "29:1", name: texts[1] ?? "" },
      });
      const facts = here.status({ kind: "found", watch }).split("\n\n").at(-1) ?? "";
      for (const line of facts.split("\n")) {
        expect(line).toMatch(/^- [A-Z][a-z ]+: /u);
        expect(liveMarkdownIn(line)).toEqual([]);
      }
      const [, line = "", ...others] = here.list([watch]).split("\n");
      expect(others).toEqual([]);
      expect(liveMarkdownIn(line.replace(/`[^`]*`$/u, "").replaceAll("**", ""))).toEqual([]);
    }),
  );
});

/** What stands in the text's only code span; the rest is ours, and nothing in it does anything. */
function onlySpanOf(text: string): string {
  const parts = text.split("`");
  expect(parts).toHaveLength(3);
  const [left = "", span = "", right = ""] = parts;
  expect(liveMarkdownIn(`${left}${right}`.replaceAll("**", ""))).toEqual([]);
  return span;
}

test("nothing that a person said gets out of its code span", () => {
  fc.assert(
    fc.property(nastyText, (text) => {
      const result = refusedAs("notAnOperation", text);
      const [refused = "", expected, ...others] = saysTo([result]).split("\n\n");
      expect(expected).toBe(EN.expected(EXAMPLE));
      expect(others).toEqual([]);
      const unknown = [here.status({ kind: "unknown", text }), here.stop({ kind: "unknown", text })];
      for (const reply of [refused, ...unknown]) {
        const span = onlySpanOf(reply);
        expect(span).not.toMatch(/[\u0000-\u001f\u007f\u2028\u2029\u202a-\u202e]|\{\{|\$\{/u);
        expect(span.length).toBeLessThanOrEqual(120);
        expect(span.isWellFormed()).toBe(true);
      }
      expect(refused).toBe(EN.refused.notAnOperation(onlySpanOf(refused)));
      for (const reply of unknown) expect(reply).toBe(EN.unknownWatch(onlySpanOf(reply), ""));
    }),
  );
});

const SILENT: ReadonlySet<string> = new Set(["copyMonitor", "authentication"]);
const REPEATING = [...Object.entries(EN.refused), ...Object.entries(EN.denied)].filter(
  ([name]) => !SILENT.has(name),
);

test.each(REPEATING)("%s puts what was read in a code span", (_, words) => {
  const [before, span, ...behind] = words("⟦0⟧").split("`");
  expect([before, span]).toEqual(["", "⟦0⟧"]);
  expect(behind).toHaveLength(1);
  expect(behind.join("")).not.toContain("⟦");
});
