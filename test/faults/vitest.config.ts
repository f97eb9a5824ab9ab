import { fileURLToPath } from "node:url";

import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    root: fileURLToPath(new URL("../..", import.meta.url)),
    // What requests cost is measured too.
    include: ["test/faults/**/*.test.ts", "test/trust/cost/*.test.ts"],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // The tests measure time: nothing else may run beside them.
    maxWorkers: 1,
    fileParallelism: false,
  },
});
