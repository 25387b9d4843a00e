import type { IncomingMessage } from "node:http";

export const maximumBodyBytes = 1024 * 1024;

export type JsonBody =
  | { readonly kind: "json"; readonly value: unknown }
  | { readonly kind: "none" }
  | { readonly kind: "malformed" }
  | { readonly kind: "tooLarge" };

/** Rejects only when the client goes away in the middle of its body. */
export async function readJsonBody(request: IncomingMessage): Promise<JsonBody> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request) {
    if (!(chunk instanceof Buffer)) continue;
    bytes += chunk.length;
    // What is too much is read to its end and thrown away: a client that is still sending would see
    // a broken connection instead of the answer.
    if (bytes <= maximumBodyBytes) chunks.push(chunk);
  }
  return bytes > maximumBodyBytes ? { kind: "tooLarge" } : jsonBodyOf(Buffer.concat(chunks).toString());
}

export function jsonBodyOf(text: string): JsonBody {
  if (text === "") return { kind: "none" };
  if (Buffer.byteLength(text) > maximumBodyBytes) return { kind: "tooLarge" };
  try {
    return { kind: "json", value: JSON.parse(text) };
  } catch {
    return { kind: "malformed" };
  }
}
