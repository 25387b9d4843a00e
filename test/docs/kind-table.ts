import { CLOUD_NAMES } from "../../src/core/clouds.ts";
import { KINDS, type Kind } from "../../src/core/kinds.ts";
import { waitAfterAnswer } from "../../src/core/schedule.ts";
import { EN } from "../../src/teams/words/en.ts";

/** The kinds of operation for docs/operations.md, as src/core/kinds.ts describes them. */
export function kindTable(): string {
  return KINDS.map(section).join("\n\n");
}

function section(kind: Kind): string {
  const { application, rsc, isDocumented, page } = kind.permissions;
  const permissions = code([...application, ...rsc]);
  const granted = isDocumented
    ? `any one of ${code(application)}${rsc.length === 0 ? "" : `, or in the chat itself (RSC) ${code(rsc)}`}`
    : `Microsoft documents none. Those that start it are known to work: ${permissions}`;
  return [
    `### ${EN.kinds[kind.name]}`,
    "",
    `[${kind.resource}](${kind.page})`,
    "",
    ...kind.paths.map((path) => `- \`${path}\``),
    "",
    `Version: ${kind.version === "beta" ? "beta only" : "v1.0 and beta, as pasted"}. Clouds: ${cloudsOf(kind)}. Statuses: ${code(kind.statuses)}.`,
    "",
    `Permission to read it: ${granted} ([source](${page})).`,
  ].join("\n");
}

function cloudsOf({ clouds }: Kind): string {
  return clouds.length === CLOUD_NAMES.length ? "all" : clouds.join(", ");
}

function code(names: readonly string[]): string {
  return names.map((name) => `\`${name}\``).join(", ");
}

/** How often an operation is asked for, by how long it has been tracked. */
export function cadenceTable(): string {
  const ages = [0, 5, 10, 20, 30, 60, 120, 360].map((minutes) => {
    const wait = waitAfterAnswer(minutes * 60_000, { intervalMs: 31_000 });
    return `| ${minutes} min | ${Math.round(wait / 1000)} s |`;
  });
  return ["| tracked for | next check after |", "| --- | --- |", ...ages].join("\n");
}
