import { fileURLToPath } from "node:url";

import { defineConfig } from "vitest/config";

const root = fileURLToPath(new URL("..", import.meta.url));

export default defineConfig({
  // The file that Node itself takes: Vite prefers the package's other build, and two copies of graphql do not know each other.
  resolve: { alias: [{ find: /^graphql$/, replacement: `${root}node_modules/graphql/index.js` }] },
  test: {
    root,
    include: ["test/**/*.test.ts"],
    // Ten thousand cases need a machine of their own: `npm run test:hostile`.
    exclude: ["test/faults/**", ...(process.env.HOSTILE === "1" ? [] : ["test/trust/hostile-input.test.ts"])],
    globalSetup: ["test/harness/global-setup.ts"],
    testTimeout: 30_000,
    hookTimeout: 60_000,
    // Two cores: more files at once only make each wait.
    maxWorkers: 2,
  },
});
