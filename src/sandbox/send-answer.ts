import type { ServerResponse } from "node:http";
import type { GraphAnswer } from "./graph-answer.ts";

const jsonType =
  "application/json;odata.metadata=minimal;odata.streaming=true;IEEE754Compatible=false;charset=utf-8";

export function sendAnswer(response: ServerResponse, answer: GraphAnswer, requestId: string): void {
  const body =
    answer.body === null || typeof answer.body === "string"
      ? (answer.body ?? "")
      : JSON.stringify(answer.body);
  const headers: Record<string, string | number> = {
    "request-id": requestId,
    // Without it Node would send the body in chunks.
    "Content-Length": Buffer.byteLength(body),
    ...answer.headers,
  };
  const hasType = Object.keys(answer.headers).some((name) => name.toLowerCase() === "content-type");
  if (!hasType) headers["Content-Type"] = jsonType;
  // Two statements: restify, where it shares our process, makes writeHead return nothing.
  response.writeHead(answer.status, headers);
  response.end(body);
}
