import fc from "fast-check";
import { describe, expect, test } from "vitest";

import { isAllowedServiceUrl } from "../../src/teams/service-urls.ts";

const LOOPBACK = [
  "http://127.0.0.1:56150/_connector",
  "http://localhost:56150",
  "https://localhost/",
  "http://[::1]:1/x",
];
const TEAMS = [
  "https://smba.trafficmanager.net/emea/",
  "https://smba.trafficmanager.net/teams/7f8a1c52-3b0e-4d67-9a41-5e2c6f0b9d13/",
  "https://SMBA.trafficmanager.net/amer/",
  "https://smba.infra.gcc.teams.microsoft.com/teams",
  "https://smba.infra.gov.teams.microsoft.us/teams",
  "https://smba.infra.dod.teams.microsoft.us/teams",
  "https://frontend.botapi.msg.infra.teams.microsoftonline.cn/teams",
];
const OTHERS = [
  "https://evil.example/",
  "https://smba.trafficmanager.net.evil.example/",
  "https://evil-smba.trafficmanager.net/",
  "https://x.smba.trafficmanager.net/",
  "https://other.trafficmanager.net/",
  "https://trafficmanager.net/",
  "https://smba.trafficmanager.net@evil.example/",
  "https://user@smba.trafficmanager.net/",
  "https://user:password@smba.trafficmanager.net/",
  "https://smbaXtrafficmanager.net/",
  "https://evil.teams.microsoft.com.evil.example/",
  "https://evil.teams.microsoft.com/",
  "https://evilsmba.teams.microsoft.com/",
  "https://169.254.169.254/metadata",
  "https://10.0.0.1/",
  "file:///etc/passwd",
  "smba.trafficmanager.net",
  "//smba.trafficmanager.net/",
  "",
  " ",
  "https://",
];

describe("Teams' own hosts get the bot's token, over https", () => {
  test.each(TEAMS)("%s", (url) => {
    expect(isAllowedServiceUrl(url, false)).toBe(true);
    expect(isAllowedServiceUrl(url.replace("https:", "http:"), false)).toBe(false);
    expect(isAllowedServiceUrl(url.replace("https:", "wss:"), false)).toBe(false);
  });
});

describe("nobody else does", () => {
  test.each([...OTHERS, ...LOOPBACK])("%j", (url) => {
    expect(isAllowedServiceUrl(url, false)).toBe(false);
  });
});

describe("local mode speaks to this machine only", () => {
  test.each(LOOPBACK)("%s", (url) => {
    expect(isAllowedServiceUrl(url, true)).toBe(true);
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
    expect(isAllowedServiceUrl(url, true)).toBe(false);
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
    fc.property(url, (text) => {
      if (!isAllowedServiceUrl(text, false)) return;
      const { hostname, protocol } = new URL(text);
      expect(protocol).toBe("https:");
      expect(hostname).toMatch(
        /^smba(?:\.[a-z0-9-]+)*\.(?:trafficmanager\.net|teams\.microsoft\.(?:com|us))$/u,
      );
    }),
    { numRuns: 2_000 },
  );
});
