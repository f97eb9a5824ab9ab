import { fileURLToPath } from "node:url";

import { defineConfig } from "vitest/config";

// These wait for databases and proxies that start, stop and follow each other, and hold no answer to a time of its own.
const UNTIMED = [
  "balanced-replicas",
  "disk-full",
  "nginx",
  "pgbouncer",
  "pgbouncer-switchover",
  "replica-states",
  "replicas",
  "switchover",
  "timelines",
].map((name) => `test/faults/${name}.test.ts`);

export default defineConfig({
  test: {
    root: fileURLToPath(new URL("../..", import.meta.url)),
    projects: [
      { extends: true, test: { name: "untimed", include: UNTIMED, maxWorkers: 2, sequence: { groupOrder: 1 } } },
      {
        extends: true,
        test: {
          name: "timed",
          // What requests cost is measured too.
          include: ["test/faults/**/*.test.ts", "test/trust/cost/*.test.ts"],
          exclude: UNTIMED,
          // Nothing else may run beside them.
          maxWorkers: 1,
          sequence: { groupOrder: 2 },
        },
      },
    ],
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
