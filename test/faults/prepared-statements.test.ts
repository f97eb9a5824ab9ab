import { afterAll, beforeAll, expect, test } from "vitest";

import { call, document, tell } from "./callers.ts";
import { distinctDocument, distinctSearch } from "./distinct-statements.ts";
import { memoryOf, privateMemoryOf } from "./process-state.ts";
import { type Stage, setStage } from "./stage.ts";

let stage: Stage;
beforeAll(async () => {
  stage = await setStage();
});
afterAll(() => stage.close());

// Each is sent twice, as a statement that is asked for again may well be worth preparing.
const TIMES = 2;
const LOOK_EVERY = 20;
const BACKEND_MB = 40;
const SERVER_MB = 96;

/** The private memory of the server's connections in the database, together, in megabytes. */
async function backendMemory(): Promise<number> {
  const backends = await stage.admin<{ pid: number }[]>`
    SELECT pid FROM pg_stat_activity WHERE application_name = 'conversation-graph'`;
  return backends.map(({ pid }) => privateMemoryOf(pid)).reduce((sum, megabytes) => sum + megabytes, 0);
}

test.skipIf(process.platform !== "linux").each([
  ["documents", 400, distinctDocument],
  ["searches of 30 words", 60, distinctSearch],
])(
  "%s that are all different, twice each: the memory of a connection stays bounded",
  async (name, count, toQuery) => {
    const { origin, pid } = await stage.serve({ POOL_SIZE: "1", POOL_TIMEOUT_MS: "20000" });
    const send = async (number: number) => {
      const { status, body } = await call(`${origin}/graphql`, document(toQuery(number)));
      expect(status, body).toBe(200);
      expect(body).not.toContain('"errors"');
    };
    await send(0);
    const before = { backend: await backendMemory(), server: memoryOf(pid).now };
    let most = 0;
    for (let number = 1; number <= count; number += 1) {
      for (let time = 0; time < TIMES; time += 1) await send(number);
      if (number % LOOK_EVERY === 0) most = Math.max(most, await backendMemory());
    }
    const grown = { backend: most - before.backend, server: memoryOf(pid).now - before.server };
    tell(
      `${count} different ${name}, ${TIMES} times each: the connection's memory in the database grew by ` +
        `${Math.round(grown.backend)} MB at most, the server by ${Math.round(grown.server)} MB`,
    );
    expect(grown.backend).toBeLessThan(BACKEND_MB);
    expect(grown.server).toBeLessThan(SERVER_MB);
  },
  240_000,
);
