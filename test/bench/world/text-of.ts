import type { IncomingMessage } from "node:http";

export function textOf(request: IncomingMessage, take: (text: string) => void): void {
  const chunks: Buffer[] = [];
  request.on("data", (chunk: Buffer) => chunks.push(chunk));
  request.on("end", () => take(Buffer.concat(chunks).toString("utf8")));
}
