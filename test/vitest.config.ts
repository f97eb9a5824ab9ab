import { fileURLToPath } from "node:url";

import { defineConfig } from "vitest/config";

// It replaces the module that every statement goes through: no other file may have loaded it before.
const ISOLATED = "test/trust/isolation.test.ts";

const root = fileURLToPath(new URL("..", import.meta.url));

export default defineConfig({
  // The file that Node itself takes: Vite prefers the package's other build, and two copies of graphql do not know each other.
  resolve: { alias: [{ find: /^graphql$/, replacement: `${root}node_modules/graphql/index.js` }] },
  test: {
    root,
    // What costs are measured has a run of its own: `npm run test:faults`.
    exclude: ["test/faults/**", "test/bench/**", "test/trust/cost/**"],
    projects: [
      // Files share what they import: loading GraphQL for each takes a sixth of the whole run.
      {
        extends: true,
        test: {
          name: "shared",
          isolate: false,
          include: ["test/**/*.test.ts"],
          exclude: [ISOLATED],
          setupFiles: ["test/harness/statements/setup.ts"],
        },
      },
      // Without the check of statements: it takes the scope out of them.
      { extends: true, test: { name: "isolated", include: [ISOLATED] } },
    ],
    globalSetup: ["test/harness/global-setup.ts"],
    // Ends what hangs, and nothing that is slow: some tests start one process after another, each for seconds on a busy machine.
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // Two cores: more files at once only make each wait.
    maxWorkers: 2,
  },
});
