import { CloudAdapter, type TurnContext } from "botbuilder";
import { AuthenticationError, type ConnectorClient } from "botframework-connector";
import { BotAuthentication } from "./bot-authentication.ts";
import type { BotCloud } from "./bot-clouds.ts";
import { isActivity } from "./read-activity.ts";
import { isAllowedServiceUrl } from "./service-urls.ts";
import { createVerifier } from "./verify-activity.ts";

/** The bot's registration; `local`: no authentication either way, for loopback only. */
export type BotIdentity =
  | { readonly kind: "local" }
  | {
      readonly kind: "registered";
      readonly cloud: BotCloud;
      readonly appId: string;
      /** For Teams' connector; rejects when there is none. */
      readonly token: () => Promise<string>;
    };

/** What a request gets as its answer. */
type HttpAnswer = { readonly status: number; readonly body: unknown };

/** `comeAgain`: it is being worked on already, and nobody can tell yet whether it will be done. */
export type TurnResult = "done" | "comeAgain";

export type BotAdapter = {
  /** One activity through the guards and the Bot Framework's authentication to `logic`. */
  receive(
    authorization: string | null,
    body: unknown,
    logic: (context: TurnContext) => Promise<TurnResult>,
  ): Promise<HttpAnswer>;
  connect(serviceUrl: string): Promise<ConnectorClient>;
};

/** @param onFault what went wrong in a turn; without it the adapter would print it, parameters and all. */
export function createAdapter(identity: BotIdentity, onFault: (fault: unknown) => void): BotAdapter {
  const cloud = identity.kind === "local" ? null : identity.cloud;
  const authentication = authenticationOf(identity);
  const adapter = new CloudAdapter(authentication);
  const failed = new WeakSet<object>();
  adapter.onTurnError = (context, fault) => {
    onFault(fault);
    failed.add(context.activity);
    return Promise.resolve();
  };
  return {
    async receive(authorization, body, logic) {
      if (!isActivity(body)) return refusal(400, "The body is not a Bot Framework activity.");
      const activity = toActivity(body);
      try {
        const authenticated = await authentication.authenticateRequest(activity, authorization ?? "");
        // A good token names a service URL of its issuer's choice; ours must be one of Teams' hosts.
        if (!isAllowedServiceUrl(activity.serviceUrl, cloud)) {
          return refusal(403, "The serviceUrl is not one of Teams.");
        }
        let result: TurnResult = "done";
        const answer = await adapter["processActivity"](authenticated, activity, async (context) => {
          result = await logic(context);
        });
        if (failed.has(activity)) return refusal(503, "The activity could not be worked on.");
        if (isToComeAgain(result)) return refusal(503, "The activity is being worked on.");
        return { status: answer?.status ?? 200, body: answer?.body ?? null };
      } catch (error) {
        if (error instanceof AuthenticationError) return refusal(error.statusCode, error.message);
        throw error;
      }
    },
    connect: (serviceUrl) => authentication.createConnectorFactory().create(serviceUrl),
  };
}

/** A function, because the assignment inside the turn is not seen from outside it. */
function isToComeAgain(result: TurnResult): boolean {
  return result === "comeAgain";
}

type SdkActivity = TurnContext["activity"];

/** What `isActivity` has looked at is all that is read of it. */
function toActivity(body: Readonly<Record<string, unknown>>): SdkActivity {
  // eslint-disable-next-line typescript/no-unsafe-type-assertion
  return { ...body } as unknown as SdkActivity;
}

function authenticationOf(identity: BotIdentity): BotAuthentication {
  if (identity.kind === "local") return new BotAuthentication("", "", null, null);
  const { appId, token, cloud } = identity;
  const { channelIssuer: issuer, openIdUrl } = cloud;
  return new BotAuthentication(appId, issuer, createVerifier({ appId, issuer, openIdUrl }), token);
}

function refusal(status: number, message: string): HttpAnswer {
  return { status, body: { error: { message } } };
}
