import { describe, expect, test } from "vitest";

import { CLOUD_NAMES, type CloudName } from "../../src/core/clouds.ts";
import { createAdapter, type BotAdapter, type BotIdentity } from "../../src/teams/adapter.ts";
import { aMessage, PERSONAL } from "../support/an-activity.ts";

const APP_ID = "00001111-aaaa-2222-bbbb-3333cccc4444";
const TENANT = "aaaabbbb-0000-cccc-1111-dddd2222eeee";
const US = "https://api.botframework.us";

const CLOUDS: Readonly<
  Record<CloudName, { readonly issuer: string; readonly login: string; readonly service: string }>
> = {
  global: {
    issuer: "https://api.botframework.com",
    login: "https://login.microsoftonline.com",
    service: "https://smba.trafficmanager.net/emea/",
  },
  usgov: {
    issuer: US,
    login: "https://login.microsoftonline.us",
    service: "https://smba.infra.gov.teams.microsoft.us/teams",
  },
  "usgov-dod": {
    issuer: US,
    login: "https://login.microsoftonline.us",
    service: "https://smba.infra.dod.teams.microsoft.us/teams",
  },
  china: {
    issuer: "https://api.botframework.azure.cn",
    login: "https://login.partner.microsoftonline.cn",
    service: "https://frontend.botapi.msg.infra.teams.microsoftonline.cn/teams",
  },
};

type Registered = Extract<BotIdentity, { kind: "registered" }>;

function anIdentity(cloud: CloudName, fields: Partial<Registered> = {}): Registered {
  return {
    kind: "registered",
    cloud,
    appId: APP_ID,
    type: "SingleTenant",
    tenantId: TENANT,
    password: "hunter2",
    ...fields,
  };
}

function anAdapter(identity: BotIdentity): BotAdapter {
  return createAdapter(identity, () => undefined);
}

/** The claims are there, the signature is not. */
function aForgedToken(iss: string): string {
  const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString("base64url");
  const claims = { iss, aud: APP_ID, exp: 4_000_000_000 };
  return `Bearer ${part({ alg: "RS256", typ: "JWT", kid: "k" })}.${part(claims)}.${"x".repeat(64)}`;
}

async function statusOf(adapter: BotAdapter, issuer: string, serviceUrl: string): Promise<number> {
  let isLetIn = false;
  const { status } = await adapter.receive(
    aForgedToken(issuer),
    aMessage(serviceUrl, PERSONAL, "help"),
    () => {
      isLetIn = true;
      return Promise.resolve();
    },
  );
  expect(isLetIn).toBe(false);
  return status;
}

describe.each(CLOUD_NAMES)("in the cloud %s", (cloud) => {
  const { issuer, login, service } = CLOUDS[cloud];

  test("only its own channel's tokens are worth a look", async () => {
    const adapter = anAdapter(anIdentity(cloud));
    const others = new Set(
      CLOUD_NAMES.map((name) => CLOUDS[name].issuer).filter((other) => other !== issuer),
    );
    for (const other of [
      ...others,
      "",
      `https://sts.windows.net/${TENANT}/`,
      `${issuer}/`,
      `${issuer}.evil`,
    ]) {
      expect(await statusOf(adapter, other, "https://evil.example/")).toBe(401);
      expect(await statusOf(adapter, other, service)).toBe(401);
    }
    // Its own gets as far as to the service URL.
    expect(await statusOf(adapter, issuer, "https://evil.example/")).toBe(403);
  });

  test("another cloud's service URL is refused", async () => {
    const adapter = anAdapter(anIdentity(cloud));
    const elsewhere = CLOUD_NAMES.filter((name) => CLOUDS[name].issuer !== issuer);
    for (const name of elsewhere) {
      expect(await statusOf(adapter, issuer, CLOUDS[name].service)).toBe(403);
    }
  });

  test("the bot signs in at its own authority, in its own tenant, for its own channel", async () => {
    const { credentials } = await anAdapter(anIdentity(cloud)).connect(service);
    expect(credentials).toMatchObject({
      appId: APP_ID,
      oAuthEndpoint: `${login}/${TENANT}`,
      oAuthScope: issuer,
    });
  });

  test("a bot of many tenants signs in at its own authority, too", async () => {
    const identity = anIdentity(cloud, { type: "MultiTenant", tenantId: null });
    const { credentials } = await anAdapter(identity).connect(service);
    expect(credentials).toMatchObject({ appId: APP_ID, oAuthScope: issuer });
    expect(Reflect.get(credentials, "oAuthEndpoint")).toMatch(new RegExp(`^${login}/[A-Za-z.]+$`, "u"));
  });

  test("a managed identity is asked for its own channel's token", async () => {
    const identity = anIdentity(cloud, { type: "UserAssignedMSI", password: null });
    const { credentials } = await anAdapter(identity).connect(service);
    expect(credentials).toMatchObject({ appId: APP_ID, oAuthScope: issuer });
  });
});

test("local mode has no credentials, whatever the cloud", async () => {
  const { credentials } = await anAdapter({ kind: "local" }).connect("http://127.0.0.1:1/");
  expect(credentials).toMatchObject({ appId: null });
});
