import { globSync, readFileSync } from "node:fs";
import { mkdtemp, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { z } from "zod";
import { callbackRefusal } from "../../src/api/create-refusal.ts";
import { problem } from "../../src/api/problem.ts";
import { Watch } from "../../src/api/schemas.ts";
import { aClient } from "../api/a-client.ts";
import { run } from "../cli/run-opwatch.ts";
import { within } from "../sandbox/a-sandbox.ts";
import { GROUP } from "../support/an-activity.ts";
import { anApp, type AppBench } from "../support/an-app.ts";
import { isCard } from "../support/fake-teams.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const PAGE = readFileSync(`${ROOT}docs/api.md`, "utf8");

function section(title: string): string {
  return PAGE.split(`\n## ${title}\n`)[1]?.split("\n## ")[0] ?? "";
}

/** The first fenced block of this language in a text. */
function blockIn(text: string, language: string): string {
  return new RegExp(`\`\`\`${language}\\n([\\s\\S]*?)\`\`\``, "u").exec(text)?.[1] ?? "";
}

describe("problems", () => {
  type Listed = { readonly name: string; readonly statuses: readonly number[] };

  const listed: readonly Listed[] = section("Problems")
    .split("\n")
    .flatMap((line): readonly Listed[] => {
      const [, names = "", statuses = ""] = line.split("|");
      const numbers = [...statuses.matchAll(/\d{3}/gu)].map(([status]) => Number(status));
      if (numbers.length === 0) return [];
      return [...names.matchAll(/`([a-z-]+)`/gu)].map(([, name = ""]) => ({ name, statuses: numbers }));
    });

  /** What the sources say: `problem(404, "not-found"`, `name: "not-found"`, `[404, "not-found"]`. */
  const sent = new Map<string, Set<number>>();
  for (const file of globSync(["src/api/*.ts", "src/http/*.ts"], { cwd: ROOT })) {
    const source = readFileSync(`${ROOT}${file}`, "utf8");
    const forms = [
      /(?:problem|fieldProblem)\(\s*(\d{3}),\s*"([a-z-]+)"/gu,
      /status: (\d{3}),\s*name: "([a-z-]+)"/gu,
      /\[(\d{3}), "([a-z]+(?:-[a-z]+)*)"\]/gu,
    ];
    for (const [, status, name = ""] of forms.flatMap((form) => [...source.matchAll(form)])) {
      sent.set(name, (sent.get(name) ?? new Set()).add(Number(status)));
    }
  }

  test("the sources were read", () => {
    expect(sent.size).toBeGreaterThan(20);
    expect(within(callbackRefusal("off").body, "type")).toBe("urn:opwatch:problem:callback-not-allowed");
    expect(within(problem(404, "not-found", "x").body, "type")).toBe("urn:opwatch:problem:not-found");
  });

  test("every one that can be sent is in the table, and the other way round", () => {
    expect([...sent.keys()].toSorted()).toEqual(listed.map(({ name }) => name).toSorted());
  });

  test("with its status", () => {
    for (const { name, statuses } of listed) {
      // A fault inside, which restify calls 500, is unavailable as well.
      const others = [...(sent.get(name) ?? [])].filter(
        (status) => status !== 500 && !statuses.includes(status),
      );
      expect([name, others]).toEqual([name, []]);
    }
  });
});

test("every field of a watch that the page names is there, and every status", () => {
  const table = section("Requests").split("| field")[1] ?? "";
  const fields = new Set(Object.keys(Watch.shape));
  for (const line of table.split("\n").filter((each) => each.startsWith("| `"))) {
    const [, first = "", second = ""] = line.split("|");
    for (const [, name = ""] of first.matchAll(/`([\w.]+)`/gu)) {
      expect([name, fields.has(name.split(".")[0] ?? "")]).toEqual([name, true]);
    }
    if (!first.includes("`status`")) continue;
    const told = [...second.matchAll(/`(\w+)`/gu)].map(([, status]) => status);
    expect(new Set(told)).toEqual(new Set(Watch.shape.status.options));
  }
});

describe("what the page says is run", () => {
  async function aBench(): Promise<AppBench> {
    const bench = await anApp();
    await bench.say(GROUP, "alias provisioning");
    return bench;
  }

  test("the request that is shown", async () => {
    await using bench = await anApp({
      env: { CALLBACK_HOSTS: "hooks.contoso.com", CALLBACK_SECRET: "a secret of thirty-two characters" },
    });
    await bench.say(GROUP, "alias provisioning");
    const body: unknown = JSON.parse(blockIn(section("Requests"), "json"));
    const { status, text } = await aClient(bench.app.url).request("POST", "/api/watches", body);
    expect({ status, text }).toMatchObject({ status: 202 });
  });

  test("the recipe with curl: a team is made, and a card follows it", async () => {
    await using bench = await aBench();
    const recipe = blockIn(PAGE.split("<!-- recipe: curl -->")[1] ?? "", "sh");
    expect(recipe).toContain("curl");
    const env = {
      GRAPH: bench.sandbox.url,
      GRAPH_TOKEN: "none",
      TEAM: JSON.stringify({
        "template@odata.bind": "https://graph.microsoft.com/v1.0/teamsTemplates('standard')",
        displayName: "Aurora",
      }),
      OPWATCH_URL: bench.app.url,
      OPWATCH_TOKEN: "none",
      RUN_ID: "42",
      PROJECT: "Aurora",
    };
    const once = (): ReturnType<typeof run> =>
      run("bash", ["--norc", "--noprofile", "-euo", "pipefail", "-c", recipe], { env });
    const first = await once();
    expect(first).toMatchObject({ code: 0, err: "" });
    expect(JSON.parse(first.out)).toMatchObject({ title: "Team for Aurora", isFinal: false });
    const card = await bench.teams.when("card", isCard);
    expect(JSON.stringify(card.activity)).toContain("Team for Aurora");
    // A second run makes another team, and its key is the first one's.
    const second = await once();
    expect(second.code).not.toBe(0);
    expect(JSON.parse(second.out)).toMatchObject({ type: "urn:opwatch:problem:idempotency-key-reused" });
  });

  test("both command lines, with the server and the Graph of this machine", async () => {
    await using bench = await aBench();
    const lines = blockIn(section("The command line"), "sh").trim().split("\n");
    expect(lines).toHaveLength(2);
    for (const line of lines) {
      const { location } = bench.sandbox.addOperation({ kind: "team", life: "quick" });
      const here = line
        .replace("npx opwatch", `"${process.execPath}" "${ROOT}bin/opwatch.js"`)
        .replace("https://opwatch.contoso.com", bench.app.url)
        // In local mode there is nobody to ask for a token.
        .replace(/ --scope \S+/u, "")
        .replace("--direct", `--direct --graph-endpoint ${bench.sandbox.url} --interval-seconds 1.1`);
      const { code, out, err } = await run("bash", ["--norc", "--noprofile", "-c", here], {
        env: { LOCATION: location },
      });
      expect({ line, code }).toEqual({ line, code: 0 });
      expect(err.replace(/^Watching: \S+\n/u, "")).toBe("");
      expect(out.trimEnd().split("\n").at(-1)).toContain("succeeded");
    }
  });

  /** What the two platforms put in place of their own expressions. */
  const expanded = (text: string, location: string): string =>
    text
      .replaceAll(/\$\{\{ ([\w.]+) \}\}|\$\(location\)/gu, (whole, name?: string) => {
        if (name === undefined || name === "steps.create.outputs.location") return location;
        if (name.startsWith("github.")) return name.replace("github.server_url", "https://github.com");
        throw new Error(`Nothing stands for ${whole}.`);
      })
      .trim();

  const Steps = z.array(
    z.object({
      run: z.string().optional(),
      inputs: z.object({ inlineScript: z.string() }).optional(),
      env: z.record(z.string(), z.string()),
    }),
  );

  test.for([
    ["GitHub Actions", "quick", 0, "succeeded"],
    ["GitHub Actions", "failing", 1, "failed"],
    ["Azure Pipelines", "quick", 0, "succeeded"],
    ["Azure Pipelines", "failing", 1, "failed"],
  ] as const)(
    "the command in the step for %s, of an operation whose life is %s",
    async ([platform, life, code, end]) => {
      await using bench = await aBench();
      await using stack = new AsyncDisposableStack();
      const directory = await mkdtemp(join(tmpdir(), "opwatch-step-"));
      stack.defer(() => rm(directory, { recursive: true, force: true }));
      // As after the checkout that the step asks for.
      await symlink(ROOT, join(directory, "opwatch"));
      const { location } = bench.sandbox.addOperation({ kind: "team", life });
      const [step] = Steps.parse(parse(blockIn(PAGE.split(`\n${platform}`)[1] ?? "", "yaml")));
      const { OPWATCH_SCOPE: scope, ...env } = step?.env ?? {};
      // In local mode there is nobody to ask for a token.
      expect(scope).toMatch(/^api:/u);
      const command = expanded(step?.run ?? step?.inputs?.inlineScript ?? "", location);
      const done = await run(
        "bash",
        ["--noprofile", "--norc", "-eo", "pipefail", "-c", `cd ${directory}; ${command}`],
        {
          env: {
            ...Object.fromEntries(
              Object.entries(env).map(([name, value]) => [name, expanded(value, location)]),
            ),
            OPWATCH_URL: bench.app.url,
          },
        },
      );
      expect(done).toMatchObject({ code });
      expect(done.out.trimEnd().split("\n").at(-1)).toContain(end);
      const card = await bench.teams.when("card", isCard);
      const link = "https://github.com/github.repository/actions/runs/github.run_id";
      expect(JSON.stringify(card.activity).includes(link)).toBe(platform === "GitHub Actions");
    },
  );
});
