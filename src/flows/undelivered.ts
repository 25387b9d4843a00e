import { wantsNotice, wantsPing } from "../core/watch.ts";
import type { Message, Undelivered } from "./ports.ts";

/** Others' messages do not wait for what only goes on, nor for what made trouble: that may hold up the conversation. */
export function isSmoothEnd({ closed, cardMisses, failures }: Undelivered): boolean {
  return closed !== null && cardMisses === 0 && failures === 0;
}

/** Beside the card. */
export function messageDue(watch: Undelivered): Message | null {
  if (wantsPing(watch, watch.state) && !watch.isPinged) return "ping";
  return wantsNotice(watch, watch.state) && !watch.isNoticed ? "notice" : null;
}
