/**
 * Microsoft's clouds: where Graph and its token authority are. GCC is served by the global ones.
 * https://learn.microsoft.com/graph/deployments
 */
export type CloudName = "global" | "usgov" | "usgov-dod" | "china";

export type Cloud = { readonly graphOrigin: string; readonly authorityHost: string };

export const CLOUDS: Readonly<Record<CloudName, Cloud>> = {
  global: {
    graphOrigin: "https://graph.microsoft.com",
    authorityHost: "https://login.microsoftonline.com",
  },
  usgov: {
    graphOrigin: "https://graph.microsoft.us",
    authorityHost: "https://login.microsoftonline.us",
  },
  "usgov-dod": {
    graphOrigin: "https://dod-graph.microsoft.us",
    authorityHost: "https://login.microsoftonline.us",
  },
  china: {
    graphOrigin: "https://microsoftgraph.chinacloudapi.cn",
    authorityHost: "https://login.chinacloudapi.cn",
  },
};

export const CLOUD_NAMES: readonly CloudName[] = ["global", "usgov", "usgov-dod", "china"];

/** The Graph that is asked: a cloud's, or in local mode another root in the place of it. */
export type GraphPlace = { readonly origin: string; readonly cloud: CloudName };

const ORIGINS: ReadonlySet<string> = new Set(CLOUD_NAMES.map((name) => CLOUDS[name].graphOrigin));

/** Whether an address with this scheme and host is answered by the Graph that is asked. */
export function isOfGraph(origin: string, graph: GraphPlace): boolean {
  const wanted = origin.toLowerCase();
  return wanted === graph.origin.toLowerCase() || wanted === CLOUDS[graph.cloud].graphOrigin;
}

export function isOfSomeCloud(origin: string): boolean {
  return ORIGINS.has(origin.toLowerCase());
}
