import { credentialProblemOf, type CredentialProblem } from "../core/credential-problem.ts";
import { KINDS } from "../core/kinds.ts";

/** What one look has found: that it is well, or what is wrong and what to do about it. */
export type Finding = {
  readonly what: string;
  readonly standing: "ok" | "warning" | "wrong";
  readonly text: string;
};

/** What is said of a credential in `teams/words`. */
type Advice = Readonly<Record<CredentialProblem, string>>;

export function tokenFinding(
  what: string,
  token: { readonly ok: true } | { readonly ok: false; readonly message: string },
  advice: Advice,
): Finding {
  if (token.ok) return { what, standing: "ok", text: "A token was given." };
  const [first = ""] = token.message.split("\n", 1);
  return {
    what,
    standing: "wrong",
    text: `${advice[credentialProblemOf(token.message)]} (${first.slice(0, 300)})`,
  };
}

/** Of a token, the application permissions that it carries; none where it can't be read. */
export function rolesOf(token: string): ReadonlySet<string> {
  try {
    const payload = Buffer.from(token.split(".")[1] ?? "", "base64url").toString("utf8");
    const claims: unknown = JSON.parse(payload);
    const roles: unknown =
      typeof claims === "object" && claims !== null ? Reflect.get(claims, "roles") : null;
    return new Set(Array.isArray(roles) ? roles.map(String) : []);
  } catch {
    return new Set();
  }
}

export type Needs = { readonly members: boolean; readonly results: boolean };

/** Which operations the token's permissions let Opwatch read, and what the settings ask for beside them. */
export function permissionFindings(roles: ReadonlySet<string>, needs: Needs): readonly Finding[] {
  const what = "Graph permissions";
  const readable = KINDS.filter(({ permissions: { application } }) =>
    application.some((name) => roles.has(name)),
  );
  const blind = KINDS.filter((kind) => kind.permissions.application.length > 0 && !readable.includes(kind));
  const findings: Finding[] = [];
  if (readable.length > 0) {
    findings.push({
      what,
      standing: "ok",
      text: `It may read operations of kind ${readable.map(({ name }) => name).join(", ")}.`,
    });
  }
  if (blind.length > 0) {
    const least = blind.map(({ name, permissions: { application } }) => `${name} (${application[0] ?? ""})`);
    findings.push({
      what,
      standing: "warning",
      text: `It may not read, unless by consent in a team or chat: ${least.join(", ")}. Grant what you need as application permissions; docs/permissions.md says which.`,
    });
  }
  if (needs.members)
    findings.push(...lacking(roles, ["TeamMember.Read.All", "ChatMember.Read.All"], "TRACK_ACCESS=members"));
  if (needs.results) {
    findings.push(
      ...lacking(
        roles,
        ["Team.ReadBasic.All", "Channel.ReadBasic.All", "Chat.ReadBasic.All", "Community.Read.All"],
        "LOOK_AT_RESULTS=1",
      ),
    );
  }
  return findings;
}

function lacking(roles: ReadonlySet<string>, wanted: readonly string[], why: string): readonly Finding[] {
  const missing = wanted.filter((name) => !roles.has(name));
  if (missing.length === 0) return [];
  return [
    { what: "Graph permissions", standing: "warning", text: `${why} needs ${missing.join(", ")} as well.` },
  ];
}

/** One line each: a mark, what was looked at, what was found. */
export function printed(findings: readonly Finding[]): string {
  const marks = { ok: "ok      ", warning: "warning ", wrong: "WRONG   " };
  return findings.map(({ what, standing, text }) => `${marks[standing]} ${what}: ${text}`).join("\n");
}
