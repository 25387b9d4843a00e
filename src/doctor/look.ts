import { databaseOf, type Config } from "../config.ts";
import { addressIn } from "../core/address.ts";
import { tenantId } from "../core/ids.ts";
import { describeConfig } from "../describe-config.ts";
import { createGraphClient } from "../graph/graph-client.ts";
import { outsideOf } from "../outside.ts";
import { lookAtDatabase } from "../store/look-at-database.ts";
import { EN } from "../teams/words/en.ts";
import { permissionFindings, rolesOf, tokenFinding, type Finding } from "./findings.ts";

const WITHIN_MS = 15_000;
/** No team has it: that Graph says so is the answer that is hoped for. */
const NOBODYS = "00000000-0000-0000-0000-000000000000";

/** Looks at everything that Opwatch needs, one after the other, and changes nothing. */
export async function* lookAround(
  config: Config,
  env: Readonly<Record<string, string | undefined>>,
): AsyncGenerator<Finding> {
  yield { what: "Configuration", standing: "ok", text: describeConfig(config) };
  yield lookedAt("Database", await lookAtDatabase(databaseOf(config)));
  if (config.bot.mode === "registered") yield* outsideFindings(config);
  else
    yield {
      what: "Sign-in",
      standing: "ok",
      text: "Local mode: there is none, and only loopback is served.",
    };
  yield* endpointFindings(config, env);
}

function lookedAt(what: string, text: { readonly ok: boolean; readonly text: string }): Finding {
  return { what, standing: text.ok ? "ok" : "wrong", text: text.text };
}

async function* outsideFindings(config: Config): AsyncGenerator<Finding> {
  if (config.bot.mode !== "registered") return;
  const { botCloud, botTokens, graphTokens } = outsideOf(config, () => undefined);
  const { registration } = config.bot;
  const advice = EN.credentialProblems;
  const given = async (
    tokens: typeof botTokens,
    tenant: string,
  ): Promise<{ ok: true; token: string } | { ok: false; message: string }> => {
    try {
      return { ok: true, token: (await tokens.token(tenant)) ?? "" };
    } catch (error) {
      return { ok: false, message: error instanceof Error ? error.message : String(error) };
    }
  };
  yield tokenFinding(
    "Token for Teams",
    await given(botTokens, registration.tenantId ?? botCloud.login.tenant),
    advice,
  );
  yield await keysFinding(botCloud.openIdUrl);
  if (config.servedTenants === null) {
    const text = "Every tenant that installs it is served: name those that may in ALLOWED_TENANTS.";
    yield { what: "Tenants", standing: "warning", text };
  }
  const [tenant] = config.servedTenants ?? [];
  if (tenant === undefined) {
    const text =
      "Not looked at: a bot of many tenants has no tenant to ask for. Name one in ALLOWED_TENANTS.";
    yield { what: "Token for Graph", standing: "warning", text };
    return;
  }
  const token = await given(graphTokens, tenant);
  yield tokenFinding("Token for Graph", token, advice);
  if (!token.ok) return;
  yield* permissionFindings(rolesOf(token.token), {
    members: config.trackAccess === "members",
    results: config.looksAtResults,
  });
  yield await graphFinding(config, graphTokens, tenant);
}

async function keysFinding(openIdUrl: string): Promise<Finding> {
  const what = "Keys of the Bot Framework";
  try {
    const response = await fetch(openIdUrl, { signal: AbortSignal.timeout(WITHIN_MS) });
    if (response.ok) return { what, standing: "ok", text: "Found: Teams' requests can be verified." };
    return {
      what,
      standing: "wrong",
      text: `${openIdUrl} answered ${response.status}; without them every request of Teams is refused.`,
    };
  } catch (error) {
    return {
      what,
      standing: "wrong",
      text: `${openIdUrl} can't be reached, and without it every request of Teams is refused: check network, proxy (HTTPS_PROXY) and firewall. (${causeOf(error)})`,
    };
  }
}

async function graphFinding(
  config: Config,
  tokens: ReturnType<typeof outsideOf>["graphTokens"],
  tenant: string,
): Promise<Finding> {
  const what = "Graph";
  const { origin, cloud } = config.graph;
  const graph = createGraphClient({ origin, tokens, fetch, now: Date.now });
  const address = addressIn("team", NOBODYS, NOBODYS);
  const [answer] = await graph.check(tenantId(tenant), "v1.0", [address], Date.now() + WITHIN_MS);
  switch (answer?.kind) {
    case undefined:
    case "noAnswer":
      return {
        what,
        standing: "wrong",
        text: `${origin} gives no answer: check network, proxy (HTTPS_PROXY) and firewall. (${answer?.message ?? ""})`,
      };
    case "noToken":
      return { what, standing: "wrong", text: answer.message };
    case "refused":
      if (answer.httpStatus === 401) {
        return {
          what,
          standing: "wrong",
          text: `${origin} refuses the token: check that GRAPH_CLOUD (${cloud}) is the tenant's cloud.`,
        };
      }
      return {
        what,
        standing: "ok",
        text: `It answers (${answer.httpStatus} for an operation that nobody has).`,
      };
    case "snapshot":
    case "unreadable":
      return { what, standing: "ok", text: "It answers." };
  }
}

/** The bot from inside, and from outside where its public name is known. */
async function* endpointFindings(
  config: Config,
  env: Readonly<Record<string, string | undefined>>,
): AsyncGenerator<Finding> {
  const local = `http://127.0.0.1:${config.port}`;
  yield await endpointFinding(
    "Opwatch on this machine",
    local,
    "It is not running here, or listens on another port: npm start.",
    "warning",
  );
  const domain = (env["BOT_DOMAIN"]?.trim() ?? "").replace(/^https?:\/\/|\/.*$/giu, "");
  if (domain === "") {
    const text = "Not looked at: BOT_DOMAIN names the host under which Teams reaches it.";
    yield { what: "Opwatch from outside", standing: "warning", text };
    return;
  }
  yield await outsideFinding(`https://${domain}/api/messages`);
}

/** Only what Teams needs has to be reachable there; it posts, so anything else is answered with 405. */
async function outsideFinding(address: string): Promise<Finding> {
  const what = "Opwatch from outside";
  const todo = `${address} must be the messaging endpoint of the Azure Bot, and lead to this process.`;
  try {
    const { status } = await fetch(address, { signal: AbortSignal.timeout(WITHIN_MS) });
    if (status === 405) return { what, standing: "ok", text: `${address} answers as Opwatch does.` };
    return { what, standing: "wrong", text: `${address} answered ${status}, as Opwatch does not. ${todo}` };
  } catch (error) {
    return { what, standing: "wrong", text: `${address} can't be reached (${causeOf(error)}). ${todo}` };
  }
}

async function endpointFinding(
  what: string,
  root: string,
  todo: string,
  standing: Finding["standing"],
): Promise<Finding> {
  try {
    const response = await fetch(`${root}/readyz`, { signal: AbortSignal.timeout(WITHIN_MS) });
    if (response.ok) return { what, standing: "ok", text: `${root} is ready.` };
    return { what, standing: "wrong", text: `${root}/readyz answered ${response.status}. ${todo}` };
  } catch (error) {
    return { what, standing, text: `${root} can't be reached (${causeOf(error)}). ${todo}` };
  }
}

function causeOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { message } = error.cause instanceof Error ? error.cause : error;
  // OpenSSL's go on with places in its own sources.
  return message.split(/\n|:\.\.\//u, 1)[0] ?? message;
}
