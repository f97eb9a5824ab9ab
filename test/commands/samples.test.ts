import { expect, test } from "vitest";

import { loadSamples } from "../../src/commands/samples.ts";
import { writeExportLine } from "../../src/formats/export-lines.ts";
import { SAMPLE_CONVERSATIONS } from "../../src/seed/sample-conversations.ts";
import { countConversations } from "../../src/store/read/conversations.ts";
import { connectTo } from "../harness/connect.ts";
import { removeAll } from "../harness/conversations.ts";
import { createDatabase } from "../harness/database.ts";
import { readInput } from "../harness/read-input.ts";

test("the samples keep every rule and show every kind, state and optional field", async () => {
  const lines = SAMPLE_CONVERSATIONS.map(writeExportLine);
  expect((await readInput(lines.join("\n"))).problems).toEqual([]);
  const turns = SAMPLE_CONVERSATIONS.flatMap((conversation) => conversation.turns);
  const fragments = turns.flatMap((turn) => turn.messages);
  expect(new Set(turns.map(({ state }) => state))).toEqual(new Set(["done", "in-progress", "stopped", "error"]));
  for (const kind of ["text", "functionCall", "functionResponse"]) {
    expect(fragments.some((fragment) => fragment.kind === kind && fragment.metadata !== undefined)).toBe(true);
  }
  expect(fragments.some((fragment) => fragment.kind === "functionResponse" && fragment.failed)).toBe(true);
  expect(turns.some(({ errorDetail }) => errorDetail !== null)).toBe(true);
  expect(turns.some(({ inReplyToId }) => inReplyToId !== null)).toBe(true);
});

test("they are stored in the project default, once in the life of a database", async () => {
  const { url, drop } = await createDatabase();
  const database = connectTo(url);
  const count = () => countConversations(database, { projectId: "default", isolationKey: null }, {});
  await Promise.all([loadSamples(database), loadSamples(database)]);
  expect(await count()).toBe(SAMPLE_CONVERSATIONS.length);
  await removeAll(database);
  await loadSamples(database);
  expect(await count()).toBe(0);
  await database.close();
  await drop();
});
