import fc from "fast-check";
import { describe, expect, test } from "vitest";

import { CLOUD_NAMES, type CloudName } from "../../src/core/clouds.ts";
import { BOT_CLOUDS } from "../../src/teams/bot-clouds.ts";
import { isAllowedServiceUrl } from "../../src/teams/service-urls.ts";

const LOOPBACK = [
  "http://127.0.0.1:56150/_connector",
  "http://localhost:56150",
  "https://localhost/",
  "http://[::1]:1/x",
];
const GLOBAL = [
  "https://smba.trafficmanager.net/emea/",
  "https://smba.trafficmanager.net/teams/7f8a1c52-3b0e-4d67-9a41-5e2c6f0b9d13/",
  "https://SMBA.trafficmanager.net/amer/",
  "https://smba.trafficmanager.net:443/amer/",
  "https://smba.infra.gcc.teams.microsoft.com/teams",
];
const GCC_HIGH = [
  "https://smba.infra.gov.teams.microsoft.us/teams",
  "https://smba.infra.gov.teams.microsoft.us/",
];
const DOD = ["https://smba.infra.dod.teams.microsoft.us/teams", "https://smba.infra.dod.teams.microsoft.us/"];
const CHINA = ["https://frontend.botapi.msg.infra.teams.microsoftonline.cn/teams"];
const TEAMS = [...GLOBAL, ...GCC_HIGH, ...DOD, ...CHINA];
const HOSTS_OF: Readonly<Record<CloudName, readonly string[]>> = {
  global: GLOBAL,
  usgov: GCC_HIGH,
  "usgov-dod": DOD,
  china: CHINA,
};
const OTHERS = [
  "https://evil.example/",
  "https://smba.trafficmanager.net.evil.example/",
  "https://evil-smba.trafficmanager.net/",
  "https://x.smba.trafficmanager.net/",
  "https://other.trafficmanager.net/",
  "https://trafficmanager.net/",
  "https://smba.trafficmanager.net@evil.example/",
  "https://smba.trafficmanager.net:8443/",
  "https://smba.trafficmanager.net:80/",
  "https://smba.trafficmanager.net./",
  "https://user@smba.trafficmanager.net/",
  "https://user:password@smba.trafficmanager.net/",
  "https://frontend.botapi.msg.infra.teams.microsoftonline.cn.evil.example/",
  "https://evil.botapi.msg.infra.teams.microsoftonline.cn/",
  "https://smbaXtrafficmanager.net/",
  "https://evil.teams.microsoft.com.evil.example/",
  "https://evil.teams.microsoft.com/",
  "https://evilsmba.teams.microsoft.com/",
  "https://smba.infra.teams.microsoft.us/",
  "https://smba.teams.microsoft.us/",
  "https://smbagov.teams.microsoft.us/",
  "https://smba.infra.gov.evil.teams.microsoft.us/",
  "https://smba.infra.gov.teams.microsoft.us.evil.example/",
  "https://smba.infra.xgov.teams.microsoft.us/",
  "https://169.254.169.254/metadata",
  "https://10.0.0.1/",
  "file:///etc/passwd",
  "smba.trafficmanager.net",
  "//smba.trafficmanager.net/",
  "",
  " ",
  "https://",
];

describe.each(CLOUD_NAMES)("in the cloud %s", (cloud) => {
  test.each(HOSTS_OF[cloud])("Teams' own host %s gets the bot's token, over https", (url) => {
    expect(isAllowedServiceUrl(url, BOT_CLOUDS[cloud])).toBe(true);
    expect(isAllowedServiceUrl(url.replace("https:", "http:"), BOT_CLOUDS[cloud])).toBe(false);
    expect(isAllowedServiceUrl(url.replace("https:", "wss:"), BOT_CLOUDS[cloud])).toBe(false);
  });

  test.each([...OTHERS, ...LOOPBACK, ...TEAMS.filter((url) => !HOSTS_OF[cloud].includes(url))])(
    "%j does not",
    (url) => {
      expect(isAllowedServiceUrl(url, BOT_CLOUDS[cloud])).toBe(false);
    },
  );
});

describe("local mode speaks to this machine only", () => {
  test.each(LOOPBACK)("%s", (url) => {
    expect(isAllowedServiceUrl(url, null)).toBe(true);
  });

  test.each([
    ...OTHERS,
    ...TEAMS,
    "http://127.0.0.1.evil.example/",
    "http://localhost.evil.example/",
    "http://evil@localhost/",
    "http://0.0.0.0/",
    "http://127.0.0.2/",
  ])("%j", (url) => {
    expect(isAllowedServiceUrl(url, null)).toBe(false);
  });
});

test("no text makes it throw, and what is allowed goes to a host of Teams", () => {
  const parts = [
    "https://",
    "http://",
    "smba",
    ".",
    "trafficmanager.net",
    "@",
    ":",
    "/",
    "\\",
    "teams.microsoft.com",
    "#",
    "?",
  ];
  const url = fc.oneof(
    fc.string({ unit: "binary" }),
    fc.array(fc.constantFrom(...parts), { maxLength: 10 }).map((all) => all.join("")),
    fc.webUrl(),
  );
  fc.assert(
    fc.property(url, fc.constantFrom(...CLOUD_NAMES), (text, cloud) => {
      if (!isAllowedServiceUrl(text, BOT_CLOUDS[cloud])) return;
      const { hostname, protocol } = new URL(text);
      expect(protocol).toBe("https:");
      expect(hostname).toMatch(
        /^smba(?:\.[a-z0-9-]+)*\.(?:trafficmanager\.net|teams\.microsoft\.(?:com|us))$|^frontend\.botapi\.msg\.infra\.teams\.microsoftonline\.cn$/u,
      );
    }),
    { numRuns: 2_000 },
  );
});
