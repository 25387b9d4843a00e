import { CloudAdapter, ConfigurationBotFrameworkAuthentication, type TurnContext } from "botbuilder";
import { AuthenticationConfiguration, type ConnectorClient } from "botframework-connector";
import type { CloudName } from "../core/clouds.ts";
import { BOT_CLOUDS } from "./bot-clouds.ts";
import { isActivity } from "./read-activity.ts";
import { isAllowedServiceUrl } from "./service-urls.ts";

/** The bot's registration; `local`: no authentication either way, for loopback only. */
export type BotIdentity =
  | { readonly kind: "local" }
  | {
      readonly kind: "registered";
      readonly cloud: CloudName;
      readonly appId: string;
      readonly type: "SingleTenant" | "MultiTenant" | "UserAssignedMSI";
      readonly tenantId: string | null;
      readonly password: string | null;
    };

/** What a request gets as its answer. */
type HttpAnswer = { readonly status: number; readonly body: unknown };

export type BotAdapter = {
  /** One activity through the guards and the Bot Framework's authentication to `logic`. */
  receive(
    authorization: string | null,
    body: unknown,
    logic: (context: TurnContext) => Promise<void>,
  ): Promise<HttpAnswer>;
  connect(serviceUrl: string): Promise<ConnectorClient>;
};

/** @param onFault what went wrong in a turn; without it the adapter would print it, parameters and all. */
export function createAdapter(identity: BotIdentity, onFault: (fault: unknown) => void): BotAdapter {
  const isLocal = identity.kind === "local";
  const appId = isLocal ? "" : identity.appId;
  const cloud = isLocal ? "global" : identity.cloud;
  const { channelIssuer } = BOT_CLOUDS[cloud];
  const authentication = new ConfigurationBotFrameworkAuthentication(
    configurationOf(identity),
    undefined,
    // Runs on every path, the emulator's too, which checks neither audience nor service URL.
    isLocal ? undefined : new AuthenticationConfiguration([], requireIssuer(channelIssuer)),
  );
  const adapter = new CloudAdapter(authentication);
  adapter.onTurnError = (_context, fault) => {
    onFault(fault);
    return Promise.resolve();
  };
  const factory = authentication.createConnectorFactory(adapter["createClaimsIdentity"](appId));
  return {
    async receive(authorization, body, logic) {
      if (!isActivity(body)) return refusal(400, "The body is not a Bot Framework activity.");
      if (!isLocal && !isWorthVerifying(authorization, appId, channelIssuer)) {
        // Before the adapter: its emulator path keeps a little of every token that it refuses.
        return refusal(401, "A token of the Bot Framework channel is required.");
      }
      if (!isAllowedServiceUrl(String(body["serviceUrl"]), cloud, isLocal)) {
        return refusal(403, "The serviceUrl is not one of Teams.");
      }
      return process(adapter, authorization, body, logic);
    },
    connect: (serviceUrl) => factory.create(serviceUrl),
  };
}

function configurationOf(identity: BotIdentity): Record<string, string> {
  if (identity.kind === "local") return {};
  return {
    ...BOT_CLOUDS[identity.cloud].settings(identity.tenantId),
    MicrosoftAppId: identity.appId,
    MicrosoftAppType: identity.type === "UserAssignedMSI" ? "UserAssignedMsi" : identity.type,
    ...(identity.tenantId === null ? {} : { MicrosoftAppTenantId: identity.tenantId }),
    ...(identity.password === null ? {} : { MicrosoftAppPassword: identity.password }),
  };
}

/** The adapter answers by a response like restify's; what it would send is what we return. */
async function process(
  adapter: CloudAdapter,
  authorization: string | null,
  body: Readonly<Record<string, unknown>>,
  logic: (context: TurnContext) => Promise<void>,
): Promise<HttpAnswer> {
  let status = 200;
  let sent: unknown = null;
  const request = { body: { ...body }, headers: { authorization: authorization ?? "" }, method: "POST" };
  const response = {
    socket: null,
    status: (code: number) => {
      status = code;
    },
    send: (value: unknown) => {
      sent = value;
    },
    header: () => undefined,
    end: () => undefined,
  };
  let isLetIn = false;
  await adapter.process(request, response, (context) => {
    isLetIn = true;
    return logic(context);
  });
  // A signature that does not hold is a 500 to the adapter.
  if (!isLetIn && status >= 500) status = 401;
  // Its error texts may tell how a token failed; the caller need not know.
  return status >= 400 && status !== 501
    ? refusal(status, "The activity was refused.")
    : { status, body: sent };
}

function refusal(status: number, message: string): HttpAnswer {
  return { status, body: { error: { message } } };
}

/** https://learn.microsoft.com/azure/bot-service/rest-api/bot-framework-rest-connector-authentication */
function requireIssuer(issuer: string): (claims: readonly Claim[]) => Promise<void> {
  return async (claims) => {
    if (!claims.some(({ type, value }) => type === "iss" && value === issuer)) {
      return Promise.reject(new Error("The token's issuer is not the Bot Framework channel."));
    }
  };
}

type Claim = { readonly type: string; readonly value: string };

/** Read without verification, to refuse early what the adapter would refuse late; it verifies the rest. */
function isWorthVerifying(authorization: string | null, appId: string, issuer: string): boolean {
  const token = /^Bearer ([^.]+)\.([^.]+)\.[^.]+$/u.exec(authorization ?? "");
  if (token === null) return false;
  const header = decoded(token[1] ?? "");
  const claims = decoded(token[2] ?? "");
  const isFresh = typeof claims["exp"] === "number" && claims["exp"] * 1000 > Date.now() - CLOCK_SKEW_MS;
  return header["alg"] === "RS256" && claims["iss"] === issuer && claims["aud"] === appId && isFresh;
}

/** The adapter's own tolerance. */
const CLOCK_SKEW_MS = 5 * 60_000;

function decoded(part: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(Buffer.from(part, "base64url").toString("utf8"));
    return typeof value === "object" && value !== null ? { ...value } : {};
  } catch {
    return {};
  }
}
