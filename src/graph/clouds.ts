/** Where Graph and its token authority are: https://learn.microsoft.com/graph/deployments */
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
