import { join } from "node:path";
import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    root: join(import.meta.dirname, "../.."),
    include: ["test/e2e/**/*.test.ts"],
    globalSetup: ["test/support/database-dump.ts"],
    testTimeout: 240_000,
    hookTimeout: 240_000,
    // Each file runs a bot, a Playground and sometimes a browser of its own.
    maxWorkers: 2,
  },
});
