import type { CreateReply } from "../flows/create-watch.ts";
import { fieldProblem, MISSES, NO_DESTINATION, problem, type ApiAnswer } from "./problem.ts";

/** Why no watch was made, field by field. */
export function refusalOf(reply: Exclude<CreateReply, { kind: "created" }>): ApiAnswer {
  switch (reply.kind) {
    case "noOperation": {
      const [miss] = reply.misses;
      return fieldProblem(422, "no-operation", "/operation", MISSES[miss?.problem ?? "notAnOperation"]);
    }
    case "manyOperations":
      return fieldProblem(
        422,
        "many-operations",
        "/operation",
        `It holds ${reply.count} operations. Send one request for each.`,
      );
    case "noDestination": {
      const { status, name, field, detail } = NO_DESTINATION[reply.why];
      const answer = fieldProblem(status, name, field, detail);
      return status === 503 ? { ...answer, headers: { ...answer.headers, "retry-after": "30" } } : answer;
    }
    case "threadOutsideChannel":
      return fieldProblem(422, "thread-outside-channel", "/thread", "Only channels have threads.");
    case "unknownRequester":
      return fieldProblem(
        422,
        "unknown-requester",
        "/requester",
        "Nobody in the conversation is this person.",
      );
    case "denied":
      return problem(
        403,
        "not-allowed-here",
        "This operation may be tracked only in the chat or team that it belongs to.",
      );
  }
}

/** Why events may not go to an address. */
export function callbackRefusal(why: string): ApiAnswer {
  return fieldProblem(422, "callback-not-allowed", "/callbackUrl", CALLBACK_PROBLEMS[why] ?? why);
}

const CALLBACK_PROBLEMS: Readonly<Record<string, string>> = {
  off: "This Opwatch sends no events: CALLBACK_HOSTS and CALLBACK_SECRET are not set.",
  notHttps: "It must be an https address (http needs CALLBACK_ALLOW_PRIVATE=1).",
  notAllowed: "Its host is not among those that this Opwatch may call (CALLBACK_HOSTS).",
  private: "It leads to a private address.",
  notAnAddress: "It is no address that can be called.",
};
