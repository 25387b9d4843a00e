import { createHmac } from "node:crypto";
import { createServer, type IncomingHttpHeaders, type ServerResponse } from "node:http";

export type Received = {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  readonly body: unknown;
  readonly at: number;
};

/** Somebody who gets events, and answers them as the test says. */
export type Receiver = AsyncDisposable & {
  readonly url: string;
  readonly events: readonly Received[];
  /** A status, or an answer of its own. */
  answer: (event: Received, response: ServerResponse) => number | null;
  /** Resolves when so many have come. */
  count(events: number, timeoutMs?: number): Promise<readonly Received[]>;
};

export async function aReceiver(): Promise<Receiver> {
  const events: Received[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const text = Buffer.concat(chunks).toString("utf8");
      const body: unknown = text === "" ? null : JSON.parse(text);
      const { method = "", url = "", headers } = request;
      const event = { method, path: url, headers, text, body, at: Date.now() };
      events.push(event);
      const status = receiver.answer(event, response);
      if (status === null) return;
      response.writeHead(status);
      response.end();
    });
  });
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  const address = server.address();
  const receiver: Receiver = {
    url: `http://127.0.0.1:${typeof address === "object" && address !== null ? address.port : 0}`,
    events,
    answer: () => 204,
    async count(wanted, timeoutMs = 60_000) {
      const until = Date.now() + timeoutMs;
      while (events.length < wanted) {
        if (Date.now() > until) throw new Error(`${events.length} of ${wanted} events came.`);
        await new Promise((resolve) => {
          setTimeout(resolve, 20);
        });
      }
      return events;
    },
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => {
        server.close(resolve);
      });
    },
  };
  return receiver;
}

/** As a receiver works it out, by https://www.standardwebhooks.com. */
export function signatureOf({ headers, text }: Received, key: Buffer | string): string {
  const [id, timestamp] = [headers["webhook-id"], headers["webhook-timestamp"]].map(String);
  return `v1,${createHmac("sha256", key).update(`${id}.${timestamp}.${text}`).digest("base64")}`;
}
