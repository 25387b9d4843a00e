import { newOperation, type OperationState } from "../../src/core/operation.ts";
import { operationId, parseWatchId, type WatchId } from "../../src/core/ids.ts";
import type { ApiWatch, WatchRecord } from "../../src/flows/ports.ts";
import { aConversation, anAddress, T0 } from "../contracts/store-bench.ts";

const WATCH = aWatchId(1);

export function aWatchId(n: number): WatchId {
  const id = parseWatchId(`00000000-0000-4000-8000-${String(n).padStart(12, "0")}`);
  if (id === null) throw new Error(`${n} makes no watch's id.`);
  return id;
}

type Changes = Partial<Omit<ApiWatch, "watch">> & {
  readonly watch?: Partial<WatchRecord>;
  readonly state?: Partial<OperationState>;
};

/** A watch that was just made by a pipeline. */
export function anApiWatch({ watch, state, ...more }: Changes = {}): ApiWatch {
  const conversation = aConversation("chat");
  return {
    watch: {
      id: WATCH,
      operationId: operationId("00000000-0000-4000-9000-000000000001"),
      conversationId: conversation.id,
      threadId: conversation.id,
      address: anAddress(),
      state: { ...newOperation(T0), ...state },
      activityId: null,
      requester: { id: null, name: "Contoso CI" },
      notify: "auto",
      title: null,
      link: null,
      createdAt: T0,
      closed: null,
      ...watch,
    },
    conversationKind: "groupChat",
    isConversationGone: false,
    isCardUpToDate: false,
    callback: null,
    callbackState: null,
    isCallbackPending: false,
    seq: 1,
    ...more,
  };
}
