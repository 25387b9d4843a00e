import { spawn } from "node:child_process";
import { mkdtempDisposableSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { permissionFindings, printed, rolesOf, tokenFinding } from "../../src/doctor/findings.ts";
import { EN } from "../../src/teams/words/en.ts";

const MAIN = fileURLToPath(new URL("../../src/doctor/main.ts", import.meta.url));
const ID = "00001111-aaaa-2222-bbbb-3333cccc4444";
const REGISTERED = { BOT_ID: ID, BOT_TENANT_ID: ID, BOT_PASSWORD: "s3cret-value" };

async function run(
  env: Readonly<Record<string, string>>,
): Promise<{ readonly code: number | null; readonly out: string }> {
  const child = spawn(process.execPath, [MAIN], {
    env: { PATH: process.env["PATH"] ?? "", PORT: "9", ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const ended = new Promise<number | null>((resolve) => child.once("close", resolve));
  const [out, err] = await Promise.all([text(child.stdout), text(child.stderr)]);
  return { code: await ended, out: out + err };
}

/** A proxy that lets nobody through, and remembers who wanted to go where. */
async function aProxy(): Promise<
  AsyncDisposable & { readonly url: string; readonly asked: readonly string[] }
> {
  const asked: string[] = [];
  const server = createServer((_request, response) => response.writeHead(502).end());
  server.on("connect", (request, socket) => {
    asked.push(request.url ?? "");
    socket.end("HTTP/1.1 502 Bad Gateway\r\n\r\n");
  });
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  const address = server.address();
  return {
    url: `http://127.0.0.1:${typeof address === "object" && address !== null ? address.port : 0}`,
    asked,
    [Symbol.asyncDispose]: () =>
      new Promise<void>((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}

describe("the whole", () => {
  test("local mode needs nothing, and says so", async () => {
    const { code, out } = await run({ OPWATCH_LOCAL: "1" });
    expect(code).toBe(0);
    expect(out).toMatch(/^ok +Configuration: local mode/mu);
    expect(out).toMatch(/^warning +Opwatch on this machine: .* It is not running here/mu);
  });

  test("every setting that is wrong is told, and nothing else is looked at", async () => {
    const { code, out } = await run({ BOT_ID: "${{BOT_ID}}", PORT: "x" });
    expect(code).toBe(1);
    expect(out).toContain("WRONG    Configuration: BOT_ID is still the placeholder ${{BOT_ID}}");
    expect(out).toContain("WRONG    Configuration: BOT_PASSWORD is missing");
    expect(out).toContain("WRONG    Configuration: PORT is");
    expect(out).not.toContain("Database");
  });

  test("what goes to Microsoft goes by the proxy, and what can't be reached is told with what to do; no secret is shown", async () => {
    await using proxy = await aProxy();
    const url = new URL(proxy.url);
    url.username = "user";
    url.password = "s3cret-proxy";
    const { code, out } = await run({ ...REGISTERED, HTTPS_PROXY: url.href });
    expect(code).toBe(1);
    const hosts = new Set(proxy.asked);
    expect(hosts).toContain("login.microsoftonline.com:443");
    expect(hosts).toContain("login.botframework.com:443");
    expect(out).toMatch(/^WRONG +Token for Teams: \S/mu);
    expect(out).toMatch(
      /^WRONG +Keys of the Bot Framework: .*check network, proxy \(HTTPS_PROXY\) and firewall/mu,
    );
    expect(out).toMatch(/^WRONG +Token for Graph: \S/mu);
    expect(out).not.toMatch(/s3cret/u);
  });

  test("a database that can't be used is told, without its password", async () => {
    const { code, out } = await run({
      OPWATCH_LOCAL: "1",
      DATABASE_URL: "postgres://opwatch:s3cret@127.0.0.1:1/opwatch",
    });
    expect(code).toBe(1);
    expect(out).toMatch(/^WRONG +Database: The database of DATABASE_URL can't be used: .*ECONNREFUSED/mu);
    expect(out).not.toContain("s3cret");
  });

  test("a directory that is no database's, or has lost its PG_VERSION, is told", async () => {
    using directory = mkdtempDisposableSync(join(tmpdir(), "opwatch-doctor-"));
    writeFileSync(join(directory.path, "holiday.txt"), "");
    const { code, out } = await run({ OPWATCH_LOCAL: "1", DATA_DIR: directory.path });
    expect(code).toBe(1);
    expect(out).toMatch(
      /^WRONG +Database: DATA_DIR ".*" can't be used\. It is not empty, .*Name another one\.$/mu,
    );
    rmSync(join(directory.path, "holiday.txt"));
    expect((await run({ OPWATCH_LOCAL: "1", DATA_DIR: directory.path })).out).toMatch(/^ok +Database: /mu);
  });
});

describe("a token", () => {
  test.each([
    ["AADSTS7000222: The provided client secret keys are expired.", EN.credentialProblems.secretExpired],
    ["AADSTS7000215: Invalid client secret provided.", EN.credentialProblems.secretWrong],
    ["AADSTS700016: Application was not found in the directory.", EN.credentialProblems.applicationUnknown],
  ])("that is refused with %j is told with what to do", (message, advice) => {
    const { standing, text: told } = tokenFinding("Token", { ok: false, message }, EN.credentialProblems);
    expect(standing).toBe("wrong");
    expect(told).toContain(advice);
    expect(told).toContain(message);
  });

  test("carries permissions; what is no token carries none", () => {
    const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString("base64url");
    expect([...rolesOf(`x.${part({ roles: ["Team.Create", 7] })}.y`)]).toEqual(["Team.Create", "7"]);
    for (const junk of ["", "x", "x.y.z", `x.${part(null)}.y`, `x.${part({ roles: "all" })}.y`]) {
      expect(rolesOf(junk).size).toBe(0);
    }
  });
});

describe("permissions", () => {
  const NONE = { members: false, results: false };

  test("are told by what they let be read, and what they leave out with the least that would do", () => {
    const told = printed(permissionFindings(new Set(["Team.Create"]), NONE));
    expect(told).toMatch(/^ok +Graph permissions: It may read operations of kind team\./u);
    expect(told).toMatch(/^warning +Graph permissions: It may not read.* chat \(Chat\.ReadBasic\.All\)/mu);
    expect(told).not.toMatch(/ team \(/u);
  });

  test("that the settings need are asked for, and only then", () => {
    const needs = { members: true, results: true };
    const told = printed(permissionFindings(new Set(["TeamMember.Read.All", "Team.ReadBasic.All"]), needs));
    expect(told).toContain("TRACK_ACCESS=members needs ChatMember.Read.All as well.");
    expect(told).toContain(
      "LOOK_AT_RESULTS=1 needs Channel.ReadBasic.All, Chat.ReadBasic.All, Community.Read.All as well.",
    );
    expect(printed(permissionFindings(new Set(), NONE))).not.toMatch(/TRACK_ACCESS|LOOK_AT/u);
  });
});
