import { defineConfig } from "vitest/config";
import { LongOnesFirst } from "./test/support/long-ones-first.ts";

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    exclude: ["test/e2e/**", "node_modules/**"],
    globalSetup: ["test/support/database-dump.ts"],
    // Against those that hang, not against slow machines.
    testTimeout: 240_000,
    hookTimeout: 240_000,
    // Each file may hold a whole PostgreSQL in memory; half of their time they wait.
    maxWorkers: 3,
    sequence: { sequencer: LongOnesFirst },
    coverage: {
      include: ["src/**"],
      exclude: ["src/demo/**", "src/run.ts", "src/**/main.ts"],
      thresholds: {
        "src/core/**": { statements: 100, branches: 95, functions: 100, lines: 100 },
      },
    },
  },
});
