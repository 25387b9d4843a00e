import { existsSync } from "node:fs";
import { parseEnv } from "node:util";

import { packageProblems } from "./package-problems.ts";
import type { Variables } from "./placeholders.ts";
import { projectFile } from "./project-file.ts";
import { withStandIns } from "./variable-problems.ts";

/**
 * `npm run package:check -- dev`: whether env/.env.dev makes an app package that can be shown to people.
 * With `--before-provision` what `provision` writes may be empty still: a deployment takes long, and looks
 * at the package last.
 */
const BEFORE = "--before-provision";
const isBefore = process.argv.includes(BEFORE);
const name = process.argv.slice(2).find((argument) => argument !== BEFORE) ?? "dev";
const envFile = `env/.env.${name}`;
if (existsSync(new URL(`../../${envFile}`, import.meta.url))) {
  const variables = isBefore ? withStandIns(variablesOf()) : variablesOf();
  const file = (path: string): string => projectFile(`appPackage/${path}`);
  const problems = await packageProblems(file, variables, envFile);
  if (problems.length > 0) {
    process.stderr.write(`The app package of ${envFile} is not ready:\n${problems.map(toLine).join("")}`);
    process.exitCode = 1;
  } else {
    process.stdout.write(`The app package of ${envFile} is ready${isBefore ? " for provision" : ""}.\n`);
  }
} else {
  process.stderr.write(`There is no ${envFile}.\n`);
  process.exitCode = 2;
}

function toLine(problem: string): string {
  return `  - ${problem}\n`;
}

/** The environment of the process comes before the file, as the Toolkit has it, where it is not empty. */
function variablesOf(): Variables {
  const variables: Record<string, string | undefined> = parseEnv(projectFile(envFile));
  for (const key of Object.keys(variables)) variables[key] = process.env[key] || variables[key];
  return variables;
}
