import { fileURLToPath } from "node:url";

import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    root: fileURLToPath(new URL("../..", import.meta.url)),
    // What requests cost is measured too.
    include: ["test/faults/**/*.test.ts", "test/trust/cost/*.test.ts"],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // What is measured is time: nothing else may run meanwhile.
    maxWorkers: 1,
    fileParallelism: false,
  },
});
