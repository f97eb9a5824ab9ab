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

test.each([
  ["urql, with writes in its cache", true],
  ["Relay, with writes in its store", false],
])("%s shows what is created, appended and deleted, and warns of nothing", TIME, async (heading, isTyped) => {
  const example = await runExample(heading, server.origin);
  expect(example.output).toEqual([
    "A new one, 0 turns",
    "A new one, 1 turns",
    "An answer that is still being written, 2 turns",
  ]);
  if (isTyped) expect(await example.typeFaults()).toBe("");
});

test("Apollo Client watches through its HttpLink, and its cache follows", TIME, async () => {
  const example = await runExample("Apollo Client, watching", server.origin);
  const heard = example.output.map((line) => JSON.parse(line));
  expect(heard.map(({ state }) => state)).toEqual(["IN_PROGRESS", "DONE"]);
  expect(JSON.stringify(heard[1])).toContain(" take one.");
  expect(await example.typeFaults()).toBe("");
});
