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
  if (bytes > maximumBodyBytes) return { kind: "tooLarge" };
  if (bytes === 0) return { kind: "none" };
  try {
    return { kind: "json", value: JSON.parse(Buffer.concat(chunks).toString()) };
  } catch {
    return { kind: "malformed" };
  }
}
