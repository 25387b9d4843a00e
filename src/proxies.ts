import { setGlobalProxyFromEnv } from "node:http";
import { ConfigError } from "./config.ts";

type Environment = Readonly<Record<string, string | undefined>>;

/** What of this machine is never reached through a proxy: the sandbox, the Playground, a local health check; and where a managed identity is asked. */
const OWN = ["127.0.0.1", "localhost", "::1", "169.254.169.254"];

/**
 * Requests to Graph, to the token authority and to Teams go through the proxies that the environment
 * names: `HTTPS_PROXY`, `HTTP_PROXY`, and `NO_PROXY` for exceptions. Events to pipelines do not: a
 * proxy would look up their hosts in the place of the guard that keeps them from private addresses.
 * @returns the proxies, without their passwords.
 */
export function useProxies(env: Environment): readonly string[] {
  const proxies = [
    ...new Set(["HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy"].map((name) => env[name])),
  ];
  const named = proxies.filter((url): url is string => url !== undefined && url.trim() !== "");
  if (named.length === 0) return [];
  if (!named.every((url) => URL.canParse(url) && /^https?:$/u.test(new URL(url).protocol))) {
    // Its value may hold a password, so it is not repeated.
    throw new ConfigError([
      "HTTPS_PROXY or HTTP_PROXY is no http address. Example: HTTPS_PROXY=http://proxy.contoso.com:3128",
    ]);
  }
  const identity = env["IDENTITY_ENDPOINT"] ?? "";
  const exceptions = [
    ...new Set([
      ...OWN,
      URL.canParse(identity) ? new URL(identity).hostname : "",
      ...(env["NO_PROXY"] ?? env["no_proxy"] ?? "").split(","),
    ]),
  ]
    .map((host) => host.trim())
    .filter((host) => host !== "")
    .join(",");
  // Azure's libraries read the environment by themselves.
  process.env["NO_PROXY"] = exceptions;
  delete process.env["no_proxy"];
  setGlobalProxyFromEnv({ ...env, NO_PROXY: exceptions, no_proxy: exceptions });
  return named.map((url) => `${new URL(url).protocol}//${new URL(url).host}`);
}
