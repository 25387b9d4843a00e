import { Agent, request } from "node:http";

export type Answer = { readonly status: number; readonly text: string };

export type Poster = Disposable & {
  post(url: string, body: unknown, headers?: Readonly<Record<string, string>>): Promise<Answer>;
};

/**
 * What sends the load shares the machine with what is measured, so it is to cost little: a third of
 * what `fetch` takes for a request.
 */
export function createPoster(): Poster {
  const agent = new Agent({ keepAlive: true, maxSockets: 256 });
  return {
    post: (url, body, headers = {}) =>
      new Promise((resolve, reject) => {
        const text = JSON.stringify(body);
        const length = String(Buffer.byteLength(text));
        const sent = request(
          url,
          {
            agent,
            method: "POST",
            headers: { "content-type": "application/json", "content-length": length, ...headers },
          },
          (response) => {
            const chunks: Buffer[] = [];
            response.on("data", (chunk: Buffer) => chunks.push(chunk));
            response.once("error", reject);
            response.once("end", () => {
              resolve({ status: response.statusCode ?? 0, text: Buffer.concat(chunks).toString() });
            });
          },
        );
        sent.once("error", reject);
        sent.end(text);
      }),
    [Symbol.dispose]: () => agent.destroy(),
  };
}
