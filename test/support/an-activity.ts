/** A person in a conversation with the bot, as Teams describes them; see test/e2e/support/recorded. */
export type Place = {
  readonly kind: "personal" | "groupChat" | "channel";
  readonly id: string;
  readonly tenant?: string;
};

export const TENANT = "7f8a1c52-3b0e-4d67-9a41-5e2c6f0b9d13";
export const BOT = { id: "28:5b1d7e90-6c24-4f3a-8e15-a0c9d2f47b68", name: "Opwatch" };
export const ALEX = {
  id: "29:1AlexWilber",
  name: "Alex Wilber",
  aadObjectId: "2804bc07-1e1f-4938-9085-ce6d756a32d2",
};

export const PERSONAL: Place = { kind: "personal", id: "a:1personal" };
export const GROUP: Place = { kind: "groupChat", id: "19:2da4c29f6d7041eca70b638b43d45437@thread.v2" };
export const CHANNEL: Place = {
  kind: "channel",
  id: "19:561fbdbbfca848a484f0a6f00ce9dbbd@thread.tacv2;messageid=1700000000001",
};

type Fields = Readonly<Record<string, unknown>>;

let sent = 0;

function anActivity(serviceUrl: string, place: Place, fields: Fields): Fields {
  sent += 1;
  return {
    id: `activity-${sent}`,
    timestamp: "2026-11-21T12:00:00.000Z",
    channelId: "msteams",
    serviceUrl,
    from: ALEX,
    recipient: BOT,
    conversation: {
      id: place.id,
      conversationType: place.kind,
      isGroup: place.kind !== "personal",
      tenantId: place.tenant ?? TENANT,
    },
    channelData: { tenant: { id: place.tenant ?? TENANT } },
    ...fields,
  };
}

/** What a person wrote; in groups with the mention in front, as Teams sends it. */
export function aMessage(serviceUrl: string, place: Place, text: string, fields: Fields = {}): Fields {
  if (place.kind === "personal") return anActivity(serviceUrl, place, { type: "message", text, ...fields });
  const mention = "<at>Opwatch</at>";
  return anActivity(serviceUrl, place, {
    type: "message",
    text: `${mention}&nbsp;${text}`,
    entities: [{ type: "mention", text: mention, mentioned: BOT }],
    ...fields,
  });
}

/** The message as Teams' client wrote it, which comes beside its plain text. */
export function asHtml(html: string): Fields {
  return { attachments: [{ contentType: "text/html", content: html }] };
}

/** What Teams tells of a channel's team; `aadGroupId` is there sometimes. */
export function inTeam(team: Fields): Fields {
  return { channelData: { tenant: { id: TENANT }, team } };
}

export function anInstallation(serviceUrl: string, place: Place, action: "add" | "remove"): Fields {
  return anActivity(serviceUrl, place, { type: "installationUpdate", action });
}

/** A press on a card's button; `submit` as clients without Action.Execute send it. */
export function aPress(
  serviceUrl: string,
  place: Place,
  press: { readonly verb: string; readonly watch: string; readonly submit?: boolean },
): Fields {
  const { verb, watch, submit = false } = press;
  if (submit) return anActivity(serviceUrl, place, { type: "message", value: { verb, watch } });
  return anActivity(serviceUrl, place, {
    type: "invoke",
    name: "adaptiveCard/action",
    value: { action: { type: "Action.Execute", verb, data: { watch } }, trigger: "manual" },
  });
}

export function anotherActivity(serviceUrl: string, place: Place, fields: Fields): Fields {
  return anActivity(serviceUrl, place, fields);
}
