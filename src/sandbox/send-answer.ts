import type { ServerResponse } from "node:http";
import type { GraphAnswer } from "./graph-answer.ts";

const jsonType =
  "application/json;odata.metadata=minimal;odata.streaming=true;IEEE754Compatible=false;charset=utf-8";

export function sendAnswer(response: ServerResponse, answer: GraphAnswer): void {
  const body = textOf(answer);
  // Two statements: restify, where it shares our process, makes writeHead return nothing.
  response.writeHead(answer.status, headersOf(answer, body));
  response.end(body);
}

/** The same answer for a caller in this process. */
export function responseOf(answer: GraphAnswer): Response {
  const body = textOf(answer);
  // Some statuses allow no body at all, not even an empty one.
  return new Response(body === "" ? null : body, {
    status: answer.status,
    headers: headersOf(answer, body),
  });
}

function textOf({ body }: GraphAnswer): string {
  return body === null || typeof body === "string" ? (body ?? "") : JSON.stringify(body);
}

function headersOf({ headers }: GraphAnswer, body: string): Record<string, string> {
  const hasType = Object.keys(headers).some((name) => name.toLowerCase() === "content-type");
  return {
    // Without it Node would send the body in chunks.
    "Content-Length": String(Buffer.byteLength(body)),
    ...headers,
    ...(hasType ? {} : { "Content-Type": jsonType }),
  };
}
