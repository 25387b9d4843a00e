import type { Words } from "./words.ts";

export const EN: Words = {
  locale: "en",
  direction: "ltr",
  joins: {
    title: (name, standing) => `${name} — ${standing}`,
    qualified: (text, more) => `${text} (${more})`,
    reason: (title, reason) => `${title}: ${reason}`,
    labelled: (label, value) => `${label}: ${value}`,
    sentences: (sentences) => sentences.join(" "),
    list: (items) => items.join(", "),
    percent: (percent) => `${percent} %`,
  },
  you: "you",
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
    contentTypeCopy: "Copy content type",
    createSimulation: "Create attack simulation",
    // As Graph's schema spells it.
    createSimualation: "Create attack simulation",
    updateSimulation: "Update attack simulation",
  },
  kinds: {
    team: "Team operation",
    chat: "Chat operation",
    engagement: "Viva Engage operation",
    site: "SharePoint operation",
    connection: "Search connection operation",
    attackSimulation: "Attack simulation operation",
    telephoneNumber: "Phone number operation",
    roleAlert: "Role alert operation",
    other: "Graph operation",
  },
  standings: {
    asking: "asking Graph",
    waiting: "waiting to start",
    running: "in progress",
    unrecognised: "unrecognized status",
    notYetFound: "not visible yet",
    notHere: "not found here",
    ready: "ready",
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
    unrecognised:
      "Graph answers with a status that says nothing about the end. Opwatch takes it for none and keeps watching.",
    notYetFound:
      "Graph does not know this operation yet. That is common in the first minutes; Opwatch keeps asking.",
    notHere:
      "Graph knows no operation with this id in this chat or team. If it was started a moment ago, track it again in a minute, or paste its whole Location.",
    ready: "Graph reports success, and Opwatch has seen the result.",
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
    noToken: (since) => `Opwatch has had no access token since ${since}.`,
    refused: (since) => `Graph has refused to answer since ${since}. Opwatch keeps asking.`,
    unavailable: (since) => `Graph has been unavailable since ${since}. Opwatch keeps asking.`,
    noAnswer: (since) => `Graph has not answered since ${since}. Opwatch keeps asking.`,
    unreadable: (since) => `Graph's answers have been unreadable since ${since}. Opwatch keeps asking.`,
  },
  credentialProblems: {
    secretExpired:
      "The application's client secret has expired: an administrator should make a new one in Entra and set it.",
    secretWrong:
      "The application's client secret is wrong: an administrator should set the secret's value, not its id.",
    certificateRefused:
      "The application's certificate is not registered in Entra, or has expired: an administrator should upload it there.",
    applicationUnknown:
      "The organization doesn't know the application: an administrator should grant it consent there.",
    tenantUnknown: "The organization was not found: an administrator should check the tenant id.",
    blocked:
      "The organization blocks the application: an administrator should look at Conditional Access and at its service principal.",
    noManagedIdentity:
      "The managed identity didn't answer: an administrator should assign it to where Opwatch runs.",
    unreachable:
      "The sign-in service can't be reached: an administrator should check network, proxy and firewall.",
    unknown: "An administrator should check the application's credential.",
  },
  explanations: {
    badRequest:
      "Graph could not accept what it was asked for. Check the request that started the operation, above all names, owners and templates.",
    conflict: "Something with this name or id exists already, or is being changed by somebody else.",
    denied:
      "Whoever started the operation was not allowed to do all of it. Check the permissions of that app or person.",
    licence: "A licence is missing. Check the licences of the owners and members.",
    quota: "A limit of the organization is reached, such as the number of teams or groups.",
    teamUnavailable:
      "The team was not there: deleted, archived, or not made to the end. Look whether it exists before you start the operation again.",
    thingMissing:
      "Something that the operation needs was not found. It may be too new: wait a few minutes and start it again.",
    throttled: "Graph had too much to do. Wait a few minutes and start the operation again.",
    unavailable:
      "A service behind Graph failed. Look whether the result is there before you start it again: a second one could be made.",
  },
  permission: (application, rsc, page) => {
    const consent =
      rsc.length === 0 ? "" : `, or add Opwatch to the chat or team with the consent ${rsc.join(" or ")}`;
    return `An administrator can grant the application permission ${application.join(" or ")}${consent}. [Microsoft's page](${page})`;
  },
  permissionUndocumented: (known, page) =>
    `Microsoft documents no permission for reading it. The permission that started it is known to work: ${known.join(", ")}. [Microsoft's page](${page})`,
  permissionUnknown: (page) =>
    `The permission that started it usually allows reading it. [Microsoft's page](${page})`,
  duration: (ms) => {
    if (ms < 90_000) return `${Math.max(Math.round(ms / 1000), 1)} s`;
    return ms < 5_400_000 ? `${Math.round(ms / 60_000)} min` : `${Math.round(ms / 3_600_000)} h`;
  },
  usual: (duration) => `Usually done in about ${duration}.`,
  slow: (duration) =>
    `Slower than 95 of 100 such operations, which were done within ${duration}. It may still succeed.`,
  unseen: "Opwatch has looked for the result three times and has not seen it yet.",
  stepCount: ({ group, done, total, isTold }) => {
    const one = { apps: "app", channels: "channel" }[group];
    if (!isTold) return total === 1 ? `1 ${one}` : `${total} ${group}`;
    return `${group} ${done} of ${total}`;
  },
  failedSteps: (names, more) => {
    const count = names.length + more;
    const rest = more === 0 ? "" : ` and ${more} more`;
    return count === 1
      ? `One part of it failed, by Graph's own account: ${names.join("")}.`
      : `${count} parts of it failed, by Graph's own account: ${names.join(", ")}${rest}.`;
  },
  partsFailed: (count) => (count === 1 ? "1 part failed" : `${count} parts failed`),
  slowShort: "slower than usual",
  stepGroups: { apps: "App", channels: "Channel" },
  more: (count) => `…and ${count} more`,
  facts: {
    status: "Status",
    attempts: "Attempts",
    started: "Started",
    tracked: "Tracked since",
    changed: "Changed",
    requester: "Asked by",
    target: "Target",
    error: "Error",
    detail: "Detail",
    operation: "Operation",
    progress: "Progress",
    kind: "What",
    noMessage: "Graph gave no reason.",
  },
  support: "For support",
  parts: "Parts",
  timeline: "Timeline",
  attempt: (count) => `attempt ${count}`,
  buttons: {
    refresh: "Refresh",
    stop: "Stop tracking",
    details: "Details",
    open: "Open",
    link: "Open pipeline",
  },
  refreshed: (ageSeconds, checkedAt, waitSeconds) =>
    `Checked ${ageSeconds} s ago, at ${checkedAt}. Graph may be asked again in ${waitSeconds} s.`,
  refreshedNow: "Asking Graph now. The card changes if there is anything new.",
  ping: (mention, title, operation) => `${mention} ${title} · \`${operation}\``,
  pingNobody: (title, operation) => `${title} · \`${operation}\``,
  notice: (mention, name, operation, duration) =>
    `${mention} ${name} takes longer than usual: 95 of 100 were done within ${duration}. It may still succeed; I keep watching. · \`${operation}\``,

  welcome:
    "Hi, I'm Opwatch. I watch long-running Microsoft Graph operations (creating, cloning or archiving a team, creating a channel, a chat or a Viva Engage community) and tell you how they end.",
  helpTitle: "How to use Opwatch",
  help: (mention, example) =>
    [
      `**${mention}track** \`${example}\` — watch an operation; paste its Location header (several at once are fine)`,
      `**${mention}list** — what is watched here`,
      `**${mention}status** *operation* — one operation's facts; its address or its id`,
      `**${mention}stop** *operation* · **${mention}stop all** — stop watching`,
      `**${mention}alias** *name* — lets pipelines post here by that name`,
      `**${mention}help** — this text`,
    ]
      .map((line) => `- ${line}`)
      .join("\n"),
  hint: (mention) =>
    `I didn't get that. Try **${mention}track** followed by an operation's Location, or **${mention}help**.`,
  hintTrack: (mention) =>
    `That looks like an operation. Write **${mention}track** before it, and I'll watch it; **${mention}help** tells the rest.`,
  tooLong: (length, max) =>
    `That's a long message (${length} characters; I read up to ${max}). Paste only the Location headers, please.`,
  nothingToTrack: (mention, example) =>
    `What shall I track? Paste the operation's Location, for example:\n\n${mention}track \`${example}\``,
  tooMany: (count, max) =>
    `Those are ${count} operations; I take up to ${max} in one message. Please split them up.`,
  foreignTenant:
    "I serve another organization and can't ask Graph for operations of yours. Ask your administrator to set up Opwatch for your tenant.",
  guest:
    "Guests can't track operations here. Ask a member of this organization to do it; you'll see the card as well.",
  unknownPerson:
    "Teams didn't tell me who you are, so I can't track anything for you right now. Please try again in a minute.",
  bareId: (text) =>
    `\`${text}\` looks like an operation's id. On its own it works only in the chat or team that the operation belongs to; here I need its whole Location.`,
  denied: {
    notMember: (operation) =>
      `\`${operation}\`: only members of the team or chat that it belongs to can track it.`,
    otherConversation: (operation) =>
      `\`${operation}\` can only be tracked in the chat or team that it belongs to.`,
    membersUnknown: (operation) =>
      `\`${operation}\`: Graph didn't tell me whether you are a member of its team or chat. Try again in a minute; if that doesn't help, an administrator should check that Opwatch may read members (TeamMember.Read.All, ChatMember.Read.All).`,
    noMembers: (operation) =>
      `\`${operation}\` belongs to no team or chat, and this Opwatch is set up to serve only members of one.`,
  },
  deniedMore: (count) => `…and ${count} more that you can't track.`,
  refusedMore: (count) => `…and ${count} more that I can't read.`,
  refused: {
    notAnOperation: (text) => `\`${text}\` is not the location of an operation.`,
    target: (text) =>
      `\`${text}\` is the location of a team, channel or other resource, not of the operation that makes or changes it.`,
    placeholder: (text) =>
      `\`${text}\` holds a placeholder, or was cut off. Paste the whole value from the response.`,
    metadata: (text) =>
      `\`${text}\` is an @odata.context: it doesn't say which operation. Paste the Location header.`,
    otherCloud: (text) => `\`${text}\` belongs to another Microsoft cloud than the one I watch.`,
    notInCloud: (text) => `\`${text}\`: this Microsoft cloud doesn't have that kind of operation.`,
    copyMonitor: () =>
      "That's the address where a file copy is monitored. Whoever has it can read it without signing in, so I have neither used nor kept it, and you may want to delete your message. I can't watch file copies.",
    authentication: () =>
      "That's an operation on somebody's sign-in methods. Graph shows those only to people, not to applications, and its first answer can hold a password, so I don't watch them.",
    signedInUser: (text) =>
      `\`${text}\` begins with /me, which means the person who is signed in, and I'm an application. Write /users/ and the user's id in place of /me.`,
    unknownHost: (text) => `\`${text}\` is not on Microsoft Graph, so I won't ask there.`,
    malformed: (text) => `\`${text}\` can't be read as an address.`,
  },
  expected: (example) =>
    `I expect the location that Graph gave when the operation was started, for example \`${example}\`.`,
  already: (title, standing, link) =>
    link === null
      ? `I'm already watching this here: **${title}** — ${standing}. Its card is in this conversation already.`
      : `I'm already watching this here: **${title}** — ${standing}. [Go to its card](${link}).`,
  aliasSet: (name) => `Pipelines can now post here as \`${name}\`.`,
  aliasTaken: (name) => `Another conversation has the alias \`${name}\` already. Choose another one.`,
  aliasBad: (mention) =>
    `An alias has 1 to 64 letters, digits, dots, dashes or underscores, for example **${mention}alias** \`provisioning\`.`,
  aliasList: (names, mention) =>
    names.length === 0
      ? `This conversation has no alias. **${mention}alias** \`name\` gives it one, for pipelines to post here.`
      : `Pipelines can post here as ${names.map((name) => `\`${name}\``).join(", ")}. **${mention}alias remove** \`name\` takes one away.`,
  aliasRemoved: (name) => `The alias \`${name}\` is gone. Watches that were made with it stay.`,
  aliasUnknown: (name) => `This conversation has no alias \`${name}\`.`,
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
  takesLong: "This takes longer than usual. Look at the card again in a minute.",
};
