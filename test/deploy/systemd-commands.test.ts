import { execFile } from "node:child_process";
import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { exists, read } from "./files.ts";

const SCRIPT = fileURLToPath(new URL("../../deploy/opwatch.sh", import.meta.url));
const unit = read("deploy/opwatch.service");
const ENVIRONMENT = /^Environment=(.*)$/mu.exec(unit)?.[1] ?? "";

type Run = { readonly code: number; readonly out: string; readonly err: string };

/** `systemctl` and `systemd-run` are stand-ins: the one tells an environment, the other what it was called with. */
let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "opwatch-systemd-"));
  await writeFile(join(folder, "systemctl"), '#!/bin/sh\nprintf "%s\\n" "$FAKE_ENVIRONMENT"\n');
  await writeFile(join(folder, "systemd-run"), '#!/bin/sh\nprintf "%s\\n" "$@"\nexit 1\n');
  for (const name of ["systemctl", "systemd-run"]) await chmod(join(folder, name), 0o755);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

function run(environment: string, ...args: readonly string[]): Promise<Run> {
  const env = { PATH: `${folder}:${process.env["PATH"] ?? ""}`, FAKE_ENVIRONMENT: environment };
  return new Promise((resolve) => {
    const child = execFile("sh", [SCRIPT, ...args], { env }, (_, out, err) => {
      resolve({ code: child.exitCode ?? -1, out, err });
    });
  });
}

describe("deploy/opwatch.sh", () => {
  test("runs a command with the unit's settings, as its user, in its directory", async () => {
    const { out } = await run(ENVIRONMENT, "doctor");
    const properties = out.split("\n").flatMap((line) => /^--property=(.*)$/u.exec(line)?.[1] ?? []);
    expect(ENVIRONMENT).toContain("DATA_DIR=");
    expect(properties).toContain(`Environment=${ENVIRONMENT}`);
    // All that decides where it looks and whose files it leaves. The user is named as the unit: DynamicUser does so.
    const lines = unit.split("\n");
    const same = properties.filter((property) => !/^(?:Environment|User)=/u.test(property));
    expect(same).toHaveLength(6);
    expect(same.filter((property) => !lines.includes(property))).toEqual([]);
    expect(properties).toContain("User=opwatch");
  });

  test("hands on each argument as it is, and how the command ended", async () => {
    const { code, out } = await run(ENVIRONMENT, "backup", "/var/lib/opwatch/a backup.jsonl");
    expect(out.trimEnd().split("\n").slice(-4)).toEqual([
      "/usr/bin/node",
      "bin/opwatch.js",
      "backup",
      "/var/lib/opwatch/a backup.jsonl",
    ]);
    expect(code).toBe(1);
    expect(exists("bin/opwatch.js")).toBe(true);
  });

  test("does nothing where the unit is not installed", async () => {
    const { code, out, err } = await run("", "doctor");
    expect([code, out]).toEqual([3, ""]);
    expect(err).toContain("not installed");
  });
});
