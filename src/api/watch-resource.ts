import { viewOf, type Standing } from "../core/card-view.ts";
import { printInstant } from "../core/instants.ts";
import type { ApiWatch } from "../flows/ports.ts";
import type { WatchBody } from "./schemas.ts";

const STATUSES: Readonly<Record<Standing, WatchBody["status"]>> = {
  asking: "notStarted",
  waiting: "notStarted",
  notYetFound: "notStarted",
  running: "running",
  unrecognised: "unknown",
  succeeded: "succeeded",
  ready: "succeeded",
  failed: "failed",
  skipped: "skipped",
  unavailable: "unavailable",
  notFound: "notFound",
  notHere: "notFound",
  forbidden: "forbidden",
  stopped: "stopped",
  expired: "expired",
};

/** A watch in the shape that Graph gives its operations, with how far its card and its events are. */
export function watchResource(found: ApiWatch): WatchBody {
  const { watch } = found;
  const view = viewOf(watch.address, watch.state, watch);
  return {
    id: watch.id,
    status: STATUSES[view.standing],
    graphStatus: view.status,
    isFinal: watch.closed !== null,
    operation: view.address,
    operationType: view.operationType,
    createdDateTime: printInstant(view.startedAt ?? view.trackedAt),
    lastActionDateTime: printInstant(view.changedAt),
    lastCheckedDateTime: watch.state.answeredAt === null ? null : printInstant(watch.state.answeredAt),
    attemptsCount: view.attempts,
    percentageComplete: view.percent,
    targetResourceId: view.targetId,
    targetResourceLocation: view.targetLocation,
    webUrl: view.webUrl,
    error: view.error,
    title: view.title,
    link: view.link,
    requester: view.requester,
    notify: watch.notify,
    closeReason: watch.closed?.reason ?? null,
    closedDateTime: watch.closed === null ? null : printInstant(watch.closed.at),
    card: {
      conversation: watch.conversationId,
      conversationType: found.conversationKind,
      activityId: watch.activityId,
      state: cardState(found),
    },
    callback: callbackOf(found),
  };
}

function cardState({ watch, isConversationGone, isCardUpToDate }: ApiWatch): WatchBody["card"]["state"] {
  const reason = watch.closed?.reason;
  if (isConversationGone || reason === "removed" || reason === "cardLost") return "unreachable";
  return isCardUpToDate ? "current" : "pending";
}

function callbackOf({ callback, callbackState, isCallbackPending }: ApiWatch): WatchBody["callback"] {
  if (callback === null) return null;
  const tried = callbackState?.lastTriedAt ?? null;
  return {
    // Its path and query may be the receiver's key.
    url: `${new URL(callback.url).origin}/…`,
    on: callback.on,
    state: callbackStateOf(callbackState, isCallbackPending),
    attempts: callbackState?.attempts ?? 0,
    lastStatus: callbackState?.status ?? null,
    lastTriedDateTime: tried === null ? null : printInstant(tried),
  };
}

function callbackStateOf(
  state: ApiWatch["callbackState"],
  isPending: boolean,
): NonNullable<WatchBody["callback"]>["state"] {
  if (isPending) return "pending";
  if (state === null) return "waiting";
  return state.isGivenUp ? "givenUp" : "delivered";
}

/** https://cloudevents.io, structured mode. */
export function cloudEvent(id: string, at: number, found: ApiWatch): object {
  const data = watchResource(found);
  const news = data.isFinal ? "closed" : "changed";
  return {
    specversion: "1.0",
    id,
    source: `/api/watches/${data.id}`,
    type: `org.opwatch.watch.${news}`,
    subject: data.operation,
    time: printInstant(at),
    datacontenttype: "application/json",
    data,
  };
}
