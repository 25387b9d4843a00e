/** A channel as Teams' "Copy link to channel" gives it. */
export type ChannelLink = {
  readonly channel: string;
  /** The team's id at Graph. */
  readonly group: string;
  readonly tenant: string | null;
};

const LINK =
  /^https:\/\/(?:teams\.(?:microsoft\.com|cloud\.microsoft|microsoftonline\.cn)|(?:gov|dod)\.teams\.microsoft\.us)\/l\/channel\/([^/?#\s]{1,500})(?:\/[^?#\s]*)?\?([^#\s]{1,1000})$/iu;

/** https://learn.microsoft.com/microsoftteams/platform/concepts/build-and-test/deep-link-teams; null for anything else. */
export function parseChannelLink(text: string): ChannelLink | null {
  const link = LINK.exec(text.trim());
  const channel = decoded(link?.[1] ?? "");
  const query = new Map(
    (link?.[2] ?? "").split("&").map((pair) => {
      const [name = "", value = ""] = pair.split("=", 2);
      return [name.toLowerCase(), decoded(value) ?? ""] as const;
    }),
  );
  const group = query.get("groupid") ?? "";
  const tenant = query.get("tenantid") ?? null;
  if (channel === null || channel === "" || group === "") return null;
  if (![channel, group, tenant ?? ""].every(isPlain)) return null;
  return { channel, group: group.toLowerCase(), tenant: tenant?.toLowerCase() ?? null };
}

/** Encoded, anything can be in a link. */
function isPlain(text: string): boolean {
  // eslint-disable-next-line no-control-regex
  return text.isWellFormed() && !/[\u0000-\u0020\u007f-\u00a0]/u.test(text);
}

function decoded(text: string): string | null {
  try {
    return decodeURIComponent(text);
  } catch {
    return null;
  }
}
