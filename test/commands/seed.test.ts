import { sql } from "drizzle-orm";
import { afterAll, beforeAll, expect, test } from "vitest";

import { writeExportLine } from "../../src/formats/export-lines.ts";
import { generateConversation } from "../../src/seed/generate-conversation.ts";
import type { Database } from "../../src/store/database/client.ts";
import { connectTo } from "../harness/connect.ts";
import { createDatabase, type TestDatabase } from "../harness/database.ts";
import { readInput } from "../harness/read-input.ts";
import { runCommand } from "../harness/run-command.ts";

let testDatabase: TestDatabase;
let database: Database;

beforeAll(async () => {
  testDatabase = await createDatabase();
  database = connectTo(testDatabase.url);
});

afterAll(async () => {
  await database.close();
  await testDatabase.drop();
});

const seed = (...options: string[]) => runCommand(testDatabase.url, ["seed", ...options]);

async function count(projectId: string): Promise<number> {
  const [row] = await database.rows<{ count: number }>(
    sql`SELECT count(*)::integer FROM conversations WHERE project_id = ${projectId}`,
  );
  return row?.count ?? 0;
}

test("the command adds what is missing, and says so", async () => {
  const first = await seed("--conversations", "300", "--project", "p");
  expect(first).toEqual({ status: 0, stdout: "added 300 conversations (0 were there already)\n", stderr: "" });
  expect((await seed("--conversations", "300", "--project", "p")).stdout).toBe(
    "added 0 conversations (300 were there already)\n",
  );
  expect((await seed("--conversations", "320", "--project", "p")).stdout).toBe(
    "added 20 conversations (300 were there already)\n",
  );
  expect((await seed("--conversations", "5", "--project", "p", "--seed", "other")).stdout).toBe(
    "added 5 conversations (0 were there already)\n",
  );
  expect(await count("p")).toBe(325);
});

test.each([[], ["--conversations", "0"], ["--conversations", "1e3"], ["--conversations", "5", "--project", "a b"]])(
  "a wrong command line ends with status 2: %s %s",
  async (...options) => {
    expect((await seed(...options)).status).toBe(2);
  },
);

test("a generated conversation depends on its number and seed alone, and keeps every rule", async () => {
  const lines = Array.from({ length: 200 }, (_, n) => writeExportLine(generateConversation(n, "s")));
  expect(writeExportLine(generateConversation(150, "s"))).toBe(lines[150]);
  expect(writeExportLine(generateConversation(150, "t"))).not.toBe(lines[150]);
  const { records, problems, notes } = await readInput(lines.join("\n"));
  expect([records.length, problems, notes]).toEqual([200, [], []]);
});

test("generated conversations are skewed and hold every kind and state", () => {
  const conversations = Array.from({ length: 5_000 }, (_, n) => generateConversation(n, "1"));
  const turns = conversations.flatMap((conversation) => conversation.turns);
  const fragments = turns.flatMap((turn) => turn.messages);
  const lengths = conversations.map((conversation) => conversation.turns.length);
  expect(Math.min(...lengths)).toBe(4);
  expect(Math.max(...lengths)).toBeGreaterThan(300);
  expect(Math.max(...lengths)).toBeLessThanOrEqual(600);
  expect(Math.abs(turns.length / conversations.length - 9.4)).toBeLessThan(0.6);
  expect(fragments.length / turns.length).toBeCloseTo(2, 0);
  expect(new Set(turns.map(({ role, state }) => `${role} ${state}`))).toEqual(
    new Set(["user done", "assistant done", "assistant in-progress", "assistant stopped", "assistant error"]),
  );
  expect(new Set(fragments.map(({ kind }) => kind))).toEqual(new Set(["text", "functionCall", "functionResponse"]));
  expect(new Set(conversations.map(({ isolationKey }) => isolationKey)).size).toBeGreaterThan(100);
  expect(new Set(conversations.map(({ createdAt }) => createdAt.getTime())).size).toBe(5_000 * 0.71);
  expect(new Set(conversations.map(({ id }) => id)).size).toBe(5_000);
});
