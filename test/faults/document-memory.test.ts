import { afterAll, beforeAll, expect, test } from "vitest";

import { createKey } from "../../src/store/keys/keys.ts";
import { connectTo } from "../harness/connect.ts";
import { call, tell } from "./callers.ts";
import { memoryOf } from "./process-state.ts";
import { type ServerProcess, type Stage, setStage } from "./stage.ts";

// Of each kind from each caller: two gigabytes together, four times what the process may ever have. The difference before
// and after one kind says little: V8 collects what a kind left behind when it likes to.
const DOCUMENTS = 200;
const AT_A_TIME = 4;
const MAX_MB = 512;

let stage: Stage;
beforeAll(async () => {
  stage = await setStage();
});
afterAll(() => stage.close());

/** Sends so many documents that were never sent before; resolves to the number of answers by status. */
async function sendDocuments(
  { origin }: ServerProcess,
  headers: Record<string, string>,
  make: (index: number) => string,
): Promise<Record<number, number>> {
  const statuses: Record<number, number> = {};
  let next = 0;
  const send = async () => {
    while (next < DOCUMENTS) {
      next += 1;
      const body = JSON.stringify({ query: make(next) });
      const init = { method: "POST", headers: { "content-type": "application/json", ...headers }, body };
      const { status } = await call(`${origin}/graphql`, init);
      statuses[status] = (statuses[status] ?? 0) + 1;
    }
  };
  await Promise.all(Array.from({ length: AT_A_TIME }, send));
  return statuses;
}

const padding = "x".repeat(1_000_000);
const KINDS: [string, (index: number) => string][] = [
  ["a comment", (index) => `{ __typename } # ${index} ${padding}`],
  ["a fault in the syntax", (index) => `{ # ${index} ${padding}`],
  ["an unknown field", (index) => `{ x${index} } # ${padding}`],
  ["a text", (index) => `{ conversation(id: "${index} ${padding}") { id } }`],
  ["1,000 tokens", (index) => `query A${index} { conversations { nodes { ${"id ".repeat(480)} } } }`],
];

test("documents of a megabyte leave nothing behind, with a key or without", { timeout: 600_000 }, async () => {
  const server = await stage.serve();
  const database = connectTo(stage.cluster.url);
  const key = await createKey(database, "shop", "project", null);
  await database.close();
  for (const [kind, make] of KINDS) {
    for (const headers of [{}, { "api-key": key }]) {
      const who = "api-key" in headers ? "with a key" : "without a key";
      const { now: before } = memoryOf(server.pid);
      const statuses = await sendDocuments(server, headers, make);
      const { now, peak } = memoryOf(server.pid);
      tell(
        `${DOCUMENTS} documents of ${kind} ${who}: ${Math.round(before)} to ${Math.round(now)} MB (${Math.round(peak)} at most), ${JSON.stringify(statuses)}`,
      );
      expect(peak).toBeLessThan(MAX_MB);
    }
  }
  expect(server.process.exitCode).toBeNull();
});
