import { request as httpRequest } from "node:http";
import { openApi } from "../../src/api/openapi.ts";
import { answerViolations } from "./a-schema-check.ts";

export type HttpAnswer = {
  readonly status: number;
  readonly headers: Headers;
  readonly contentType: string;
  readonly text: string;
  readonly body: unknown;
};

type Options = { readonly headers?: Readonly<Record<string, string>>; readonly raw?: string };

/** A pipeline: whatever it is answered must be as the description says, or it throws. */
export function aClient(url: string): {
  request(method: string, path: string, body?: unknown, options?: Options): Promise<HttpAnswer>;
  /** Asks until the answer is as it should be. */
  until(path: string, isIt: (body: unknown) => boolean, timeoutMs?: number): Promise<HttpAnswer>;
} {
  const document: unknown = JSON.parse(JSON.stringify(openApi()));

  async function request(
    method: string,
    path: string,
    body?: unknown,
    { headers = {}, raw }: Options = {},
  ): Promise<HttpAnswer> {
    const sent = raw ?? (body === undefined ? undefined : JSON.stringify(body));
    const type: Record<string, string> = sent === undefined ? {} : { "content-type": "application/json" };
    const response = await fetch(url + path, {
      method,
      headers: { ...type, ...headers },
      ...(sent === undefined ? {} : { body: sent }),
    });
    const text = await response.text();
    const parsed: unknown = text === "" ? null : JSON.parse(text);
    const contentType = (response.headers.get("content-type") ?? "").split(";")[0] ?? "";
    const answer = { status: response.status, headers: response.headers, contentType, text, body: parsed };
    const described = path.split("?")[0]?.replace(/^\/api\/watches\/.+$/u, "/api/watches/{id}") ?? "";
    const wrong = answerViolations(document, method, described, answer);
    const isDescribed = described.startsWith("/api/watches") && ["GET", "POST", "DELETE"].includes(method);
    if (isDescribed && wrong.length > 0) throw new Error(`${method} ${path}: ${wrong.join("; ")}\n${text}`);
    return answer;
  }

  return {
    request,
    async until(path, isIt, timeoutMs = 20_000) {
      const end = Date.now() + timeoutMs;
      for (;;) {
        const answer = await request("GET", path);
        if (isIt(answer.body)) return answer;
        if (Date.now() > end) throw new Error(`It did not become so within ${timeoutMs} ms: ${answer.text}`);
        await new Promise((resolve) => {
          setTimeout(resolve, 100);
        });
      }
    },
  };
}

/** What `fetch` can't send: another Host, a body in pieces. The status, and the text of the answer. */
export function rawRequest(
  url: string,
  method: string,
  headers: Readonly<Record<string, string>>,
  body: string,
): Promise<{ readonly status: number; readonly text: string }> {
  return new Promise((resolve, reject) => {
    const sent = httpRequest(url, { method, headers }, (response) => {
      let text = "";
      response.setEncoding("utf8").on("data", (chunk: string) => (text += chunk));
      response.on("end", () => resolve({ status: response.statusCode ?? 0, text }));
    });
    sent.on("error", reject);
    sent.end(body);
  });
}
