import { createHash } from "node:crypto";
import type { TurnContext } from "botbuilder";
import { conversationId } from "../core/ids.ts";
import type { Log } from "../flows/log-event.ts";
import type { Now, Store } from "../flows/ports.ts";
import type { TurnResult } from "./adapter.ts";

/**
 * Teams sends an activity again when its answer takes long or is lost, and whoever has caught one can
 * send it again as well: https://github.com/MicrosoftDocs/msteams-docs/issues/6084. Buttons may be
 * pressed twice, and their answer is the card: it is given each time.
 */
export async function once(
  { store, now, log }: { readonly store: Store; readonly now: Now; readonly log: Log },
  { activity }: TurnContext,
  work: () => Promise<void>,
): Promise<TurnResult> {
  const { id, type, conversation } = activity;
  const key =
    type === "invoke" || id === undefined || id === ""
      ? null
      : createHash("sha256").update(`${conversation.id} ${id}`).digest("base64url");
  if (key !== null) {
    // With the database away the person is to hear that it is.
    const standing = await store.beginTurn(key, now()).catch(() => "new" as const);
    if (standing !== "new") log({ event: "turn.repeated", conversation: conversationId(conversation.id) });
    if (standing === "ended") return "done";
    // Should the one that works on it die, it must come again.
    if (standing === "underWay") return "comeAgain";
  }
  try {
    await work();
  } catch (fault) {
    // Not held up as one that is still worked on.
    if (key !== null) await store.dropTurn(key).catch(() => undefined);
    throw fault;
  }
  if (key !== null) await store.endTurn(key).catch(() => undefined);
  return "done";
}
