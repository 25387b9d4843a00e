/**
 * Resource-specific permissions that an application can be granted. The manifest's schema takes any
 * name, and Teams refuses the package only when somebody installs it.
 *
 * https://learn.microsoft.com/microsoftteams/platform/graph-api/rsc/resource-specific-consent as of
 * 2025-02-20, without those that only a signed-in person's app can have. The two `ChannelMember` are
 * of the same month: https://learn.microsoft.com/graph/whats-new-overview
 */
const TEAM = [
  "Channel.Create.Group",
  "Channel.Delete.Group",
  "ChannelMeeting.ReadBasic.Group",
  "ChannelMeetingNotification.Send.Group",
  "ChannelMeetingParticipant.Read.Group",
  "ChannelMeetingRecording.Read.Group",
  "ChannelMeetingTranscript.Read.Group",
  "ChannelMember.Read.Group",
  "ChannelMember.ReadWrite.Group",
  "ChannelMessage.Read.Group",
  "ChannelMessage.Send.Group",
  "ChannelSettings.Read.Group",
  "ChannelSettings.ReadWrite.Group",
  "TeamMember.Read.Group",
  "TeamSettings.Read.Group",
  "TeamSettings.ReadWrite.Group",
  "TeamsActivity.Send.Group",
  "TeamsAppInstallation.Read.Group",
  "TeamsTab.Create.Group",
  "TeamsTab.Delete.Group",
  "TeamsTab.Read.Group",
  "TeamsTab.ReadWrite.Group",
];

const CHAT = [
  "Calls.AccessMedia.Chat",
  "Calls.JoinGroupCalls.Chat",
  "Chat.Manage.Chat",
  "ChatMember.Read.Chat",
  "ChatMessage.Read.Chat",
  "ChatMessageReadReceipt.Read.Chat",
  "ChatSettings.Read.Chat",
  "ChatSettings.ReadWrite.Chat",
  "OnlineMeeting.ReadBasic.Chat",
  "OnlineMeetingNotification.Send.Chat",
  "OnlineMeetingParticipant.Read.Chat",
  "OnlineMeetingRecording.Read.Chat",
  "OnlineMeetingTranscript.Read.Chat",
  "TeamsActivity.Send.Chat",
  "TeamsAppInstallation.Read.Chat",
  "TeamsTab.Create.Chat",
  "TeamsTab.Delete.Chat",
  "TeamsTab.Read.Chat",
  "TeamsTab.ReadWrite.Chat",
];

const EXISTING: ReadonlySet<string> = new Set([...TEAM, ...CHAT]);

export function misspelt(permissions: readonly string[]): readonly string[] {
  return permissions.filter((name) => !EXISTING.has(name));
}
