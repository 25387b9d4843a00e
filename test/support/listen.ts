import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";

/** A server of the world on a free port of loopback; what it can't answer it cuts. */
export async function listen(
  take: (request: IncomingMessage, response: ServerResponse) => Promise<void>,
): Promise<Disposable & { readonly port: number }> {
  const server = createServer((request, response) => {
    void take(request, response).catch(() => response.destroy());
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  return {
    port: typeof address === "object" && address !== null ? address.port : 0,
    [Symbol.dispose]() {
      server.closeAllConnections();
      server.close();
    },
  };
}
