import { mkdtempDisposableSync, readdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, test, vi } from "vitest";
import { startHttpServer } from "../../src/http/server.ts";

afterEach(() => {
  vi.unstubAllEnvs();
});

/** restify gives multipart bodies to an old formidable, which writes them to the disk without a limit of ours. */
test("no request leaves a file on the disk, whatever its method", async () => {
  using directory = mkdtempDisposableSync(join(tmpdir(), "opwatch-bodies-"));
  vi.stubEnv("TMPDIR", directory.path);
  await using server = await startHttpServer(
    { host: "127.0.0.1", port: 0 },
    {
      receive: () => Promise.resolve({ status: 200, body: null }),
      api: () => Promise.resolve({ status: 204, headers: {}, body: null }),
      ready: () => Promise.resolve(null),
      metrics: { contentType: "text/plain", text: () => Promise.resolve("") },
      refused: () => undefined,
      isLocal: true,
    },
  );
  const body = new FormData();
  body.append("file", new Blob(["x".repeat(512 * 1024)]), "file.bin");
  const url = `http://127.0.0.1:${server.port}/api/watches/one`;
  const { status } = await fetch(url, { method: "DELETE", body });
  expect(readdirSync(directory.path)).toEqual([]);
  expect(status).toBe(415);
});
