import type { Words } from "./words.ts";

export const EN: Words = {
  operationTypes: {
    createTeam: "Create team",
    cloneTeam: "Clone team",
    archiveTeam: "Archive team",
    unarchiveTeam: "Unarchive team",
    teamifyGroup: "Create team from group",
    createChannel: "Create channel",
    archiveChannel: "Archive channel",
    unarchiveChannel: "Unarchive channel",
    createChat: "Create chat",
    createCommunity: "Create community",
  },
  kinds: { team: "Team operation", chat: "Chat operation", engagement: "Viva Engage operation" },
  standings: {
    asking: "asking Graph",
    waiting: "waiting to start",
    running: "in progress",
    unrecognised: "unrecognized status",
    notYetFound: "not visible yet",
    succeeded: "succeeded",
    failed: "failed",
    skipped: "skipped",
    unavailable: "no longer available",
    notFound: "not found",
    forbidden: "access denied",
    stopped: "no longer watched",
    expired: "not finished yet",
  },
  meanings: {
    asking: "Opwatch is asking Microsoft Graph for the first time.",
    waiting: "Graph has accepted the operation and has not begun it yet.",
    running: "Graph is working on it.",
    unrecognised: "Graph answers with a status that is not documented. Opwatch keeps watching.",
    notYetFound:
      "Graph does not know this operation yet. That is common in the first minutes; Opwatch keeps asking.",
    succeeded: "Graph reports success. It can take a few more minutes to appear everywhere.",
    failed: "Graph reports that the operation failed.",
    skipped: "Graph reports that it skipped the operation.",
    unavailable: "Graph no longer knows this operation. It may have succeeded: look at its target.",
    notFound:
      "Graph never knew this operation in about 20 checks. Compare the address with the Location header and track it again.",
    forbidden: "Graph doesn't let Opwatch read this operation. It may still succeed.",
    stopped: "Somebody stopped watching. That changes nothing about the operation itself.",
    expired:
      "Opwatch has stopped watching after the longest time allowed. That does not mean that it failed; track it again to go on.",
  },
  troubles: {
    notFound: (since) => `Graph has answered “not found” since ${since}.`,
    throttled: (since) => `Graph asked Opwatch at ${since} to wait before the next check.`,
    unauthorized: (since) =>
      `Graph has refused Opwatch's sign-in since ${since}. An administrator should check the application's credential.`,
    noToken: (since) =>
      `Opwatch has had no access token since ${since}. An administrator should check the application's credential.`,
    refused: (since) => `Graph has refused to answer since ${since}. Opwatch keeps asking.`,
    unavailable: (since) => `Graph has been unavailable since ${since}. Opwatch keeps asking.`,
    noAnswer: (since) => `Graph has not answered since ${since}. Opwatch keeps asking.`,
    unreadable: (since) => `Graph's answers have been unreadable since ${since}. Opwatch keeps asking.`,
  },
  permissions: {
    team: "Microsoft documents no permission for reading a team's operation. The one that started it is known to work: Team.Create for creating and cloning, TeamSettings.ReadWrite.All for archiving.",
    chat: "An administrator can grant the application permission Chat.ReadBasic.All, or a chat member ChatSettings.Read.Chat by installing Opwatch in that chat.",
    engagement: "An administrator can grant the application permission Community.Read.All.",
  },
  facts: {
    status: "Status",
    attempts: "Attempts",
    started: "Started",
    changed: "Changed",
    requester: "Asked by",
    target: "Target",
    targetId: "Target id",
    targetAddress: "Target address",
    error: "Error",
    detail: "Detail",
    operation: "Operation",
    operationId: "Operation id",
    address: "Address",
    httpStatus: "Graph answered",
    requestId: "Request id",
    noMessage: "Graph gave no reason.",
  },
  timeline: "Timeline",
  attempt: (count) => `attempt ${count}`,
  buttons: { refresh: "Refresh", stop: "Stop tracking", details: "Details" },
  refreshed: (ageSeconds, checkedAt, waitSeconds) =>
    `Checked ${ageSeconds} s ago, at ${checkedAt}. Graph may be asked again in ${waitSeconds} s.`,
  refreshedNow: "Asking Graph now. The card changes if there is anything new.",
  ping: (mention, title, operation) => `${mention} ${title} · \`${operation}\``,

  welcome:
    "Hi, I'm Opwatch. I watch long-running Microsoft Graph operations (creating, cloning or archiving a team, creating a channel, a chat or a Viva Engage community) and tell you how they end.",
  helpTitle: "How to use Opwatch",
  help: (mention, example) =>
    [
      `**${mention}track** \`${example}\` — watch an operation; paste its Location header (several at once are fine)`,
      `**${mention}list** — what is watched here`,
      `**${mention}status** *operation* — one operation's facts; its address or its id`,
      `**${mention}stop** *operation* · **${mention}stop all** — stop watching`,
      `**${mention}help** — this text`,
    ]
      .map((line) => `- ${line}`)
      .join("\n"),
  hint: (mention) =>
    `I didn't get that. Try **${mention}track** followed by an operation's Location, or **${mention}help**.`,
  tooLong: (length, max) =>
    `That's a long message (${length} characters; I read up to ${max}). Paste only the Location headers, please.`,
  nothingToTrack: (mention, example) =>
    `What shall I track? Paste the operation's Location, for example:\n\n${mention}track \`${example}\``,
  tooMany: (count, max) =>
    `Those are ${count} operations; I take up to ${max} in one message. Please split them up.`,
  foreignTenant:
    "I serve another organization and can't ask Graph for operations of yours. Ask your administrator to set up Opwatch for your tenant.",
  refusedMore: (count) => `…and ${count} more that I can't read.`,
  refused: {
    notAnOperation: (text) => `\`${text}\` is not the location of an operation.`,
    placeholder: (text) => `\`${text}\` holds a placeholder. Paste the real value from the response.`,
    metadata: (text) =>
      `\`${text}\` is an @odata.context: it doesn't say which operation. Paste the Location header.`,
    otherCloud: (text) => `\`${text}\` belongs to another Microsoft cloud than the one I watch.`,
    unknownHost: (text) => `\`${text}\` is not on Microsoft Graph, so I won't ask there.`,
    malformed: (text) => `\`${text}\` can't be read as an address.`,
  },
  expected: (example) =>
    `I expect the location that Graph gave when the operation was started, for example \`${example}\`.`,
  already: (title, standing, link) =>
    link === null
      ? `I'm already watching this here: **${title}** — ${standing}. Its card is in this conversation already.`
      : `I'm already watching this here: **${title}** — ${standing}. [Go to its card](${link}).`,
  emptyList: (mention) =>
    `I'm watching nothing here. Start with **${mention}track** and an operation's Location.`,
  listHeader: (count) =>
    count === 1 ? "I'm watching one operation here:" : `I'm watching ${count} operations here:`,
  listLine: (title, standing, requester, operation) =>
    `- **${title}** — ${standing} · asked by ${requester} · \`${operation}\``,
  listMore: (count) => `…and ${count} more.`,
  whichOne: (command, mention) =>
    `Which operation? Write **${mention}${command}** and its Location or id; **${mention}list** shows what is watched here.`,
  unknownWatch: (text, mention) =>
    `I'm not watching \`${text}\` here. **${mention}list** shows what is watched.`,
  stopped: (count) => (count === 1 ? "Stopped watching it." : `Stopped watching ${count} operations.`),
  nothingToStop: "There was nothing to stop here.",
  alreadyOver: (title, standing) => `I'm not watching it any more: **${title}** — ${standing}.`,
  gone: "This card belongs to a watch that I don't know any more.",
  trouble: "Something went wrong on my side and nothing was changed. Please try again in a minute.",
};
