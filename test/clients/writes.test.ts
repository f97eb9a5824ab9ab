import { afterAll, beforeAll, expect, test } from "vitest";

import { loadSamples } from "../../src/commands/samples.ts";
import { startTestServer, type TestServer } from "../harness/server.ts";
import { runExample } from "./readme-example.ts";

// Each test starts a compiler of its own, on a machine that other tests use too.
const TIME = { timeout: 120_000 };

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
  await loadSamples(server.database);
});
afterAll(() => server.close());

test("urql's cache shows what is created, sent and deleted, and warns of nothing", TIME, async () => {
  const example = await runExample("urql, with writes in its cache", server.origin);
  expect(example.output).toEqual([
    "A new one, 0 turns",
    "A new one, 1 turns before the answer",
    "A new one, 1 turns",
    "An answer that is still being written, 2 turns",
  ]);
  expect(await example.typeFaults()).toBe("");
});

test("Relay's store shows the same, what others change, and what changed while it was away", TIME, async () => {
  const example = await runExample("Relay, with writes in its store", server.origin);
  expect(example.output).toEqual([
    "A new one, 0 turns",
    "A new one, 1 turns before the answer",
    "A new one, 1 turns",
    "A renamed one, 1 turns",
    "Made while away, 0 turns",
    "An answer that is still being written, 2 turns",
  ]);
});

test("Apollo Client watches through its HttpLink, and its cache follows", TIME, async () => {
  const example = await runExample("Apollo Client, watching", server.origin);
  const heard = example.output.map((line) => JSON.parse(line));
  expect(heard.map(({ state }) => state)).toEqual(["IN_PROGRESS", "DONE"]);
  expect(JSON.stringify(heard[1])).toContain(" take one.");
  expect(await example.typeFaults()).toBe("");
});
