import { fileURLToPath } from "node:url";

import { sql } from "drizzle-orm";
import { afterAll, beforeAll, expect, test } from "vitest";

import type { Database } from "../../src/store/database/client.ts";
import { connectTo } from "../harness/connect.ts";
import { createDatabase, type TestDatabase } from "../harness/database.ts";
import { readFixture } from "../harness/outline.ts";
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

const pathOf = (name: string) => fileURLToPath(new URL(`../formats/fixtures/${name}`, import.meta.url));

/** Each conversation's turns as `role[fragment kinds]`, by id. */
async function storedTurns(projectId: string): Promise<string[]> {
  const rows = await database.rows<{ line: string }>(sql`
    SELECT string_agg(role || '[' || (
      SELECT string_agg(CASE fragment ->> 'kind' WHEN 'text' THEN 't' WHEN 'functionCall' THEN 'c'
        ELSE CASE WHEN (fragment ->> 'failed')::boolean THEN 'f' ELSE 'r' END END, '' ORDER BY place)
      FROM json_array_elements(messages) WITH ORDINALITY AS list(fragment, place)) || ']', ' ' ORDER BY position) AS line
    FROM turns WHERE project_id = ${projectId} GROUP BY conversation_id ORDER BY conversation_id COLLATE "C"`);
  return rows.map(({ line }) => line);
}

test.each<[file: string, format: string, summary: string, leftOut: number, turns: string[]]>([
  ["chatgpt.json", "chatgpt", "2 conversations, 2 turns, 4 fragments", 5, ["user[t] assistant[crt]"]],
  [
    "claude.json",
    "claude",
    "2 conversations, 4 turns, 7 fragments",
    5,
    ["user[t] assistant[tcft]", "user[t] assistant[t]"],
  ],
  ["anthropic.json", "anthropic", "1 conversations, 3 turns, 8 fragments", 3, ["user[t] assistant[tccrft] user[t]"]],
  ["ui-messages.json", "ui-messages", "1 conversations, 2 turns, 7 fragments", 5, ["user[t] assistant[tcrcft]"]],
  ["langgraph.json", "langchain", "1 conversations, 2 turns, 5 fragments", 4, ["user[t] assistant[tcft]"]],
  [
    "sharegpt.jsonl",
    "sharegpt",
    "2 conversations, 4 turns, 6 fragments",
    0,
    ["user[t] assistant[t]", "user[t] assistant[crt]"],
  ],
  ["gemini.json", "gemini", "1 conversations, 2 turns, 9 fragments", 3, ["user[t] assistant[tccrfcrt]"]],
])("%s is told to be %s by its content", async (file, format, summary, leftOut, turns) => {
  const found = await runCommand(testDatabase.url, ["import", pathOf(file), "--project", format]);
  expect([found.status, found.stdout]).toEqual([0, `imported ${summary} (0 skipped)\n`]);
  expect(found.stderr.split("\n").filter((line) => line.startsWith("left out: "))).toHaveLength(leftOut);
  expect(await storedTurns(format)).toEqual(turns);
});

test("a message with nothing but an image refuses its conversation by name, and --repair keeps it", async () => {
  const lines = JSON.parse(await readFixture("chatgpt.json"));
  lines[0].mapping.q1.message.content.parts.pop();
  const refused = await runCommand(testDatabase.url, ["import", "-", "--project", "image"], JSON.stringify(lines));
  expect([refused.status, refused.stdout]).toEqual([1, "imported 1 conversations, 0 turns, 0 fragments (0 skipped)\n"]);
  expect(refused.stderr).toMatch(
    /^-: line 1, \[0\]: mapping\.q1\.message: holds nothing but part image_asset_pointer, attachment \(--repair/,
  );
  const kept = await runCommand(
    testDatabase.url,
    ["import", "-", "--project", "image", "--repair"],
    JSON.stringify(lines),
  );
  expect([kept.status, await storedTurns("image")]).toEqual([0, ["user[t] assistant[crt]"]]);
});

test("--branches all keeps each branch as a conversation of its own, --branches shown is the default", async () => {
  const file = pathOf("chatgpt.json");
  const shown = await runCommand(testDatabase.url, ["import", file, "--project", "tree", "--branches", "shown"]);
  expect(shown.stdout).toBe("imported 2 conversations, 2 turns, 4 fragments (0 skipped)\n");
  const all = await runCommand(testDatabase.url, ["import", file, "--project", "tree", "--branches", "all"]);
  expect([all.status, all.stdout]).toEqual([0, "imported 1 conversations, 2 turns, 2 fragments (2 skipped)\n"]);
  expect(await storedTurns("tree")).toEqual(["user[t] assistant[crt]", "user[t] assistant[t]"]);
  const wrong = await runCommand(testDatabase.url, ["import", file, "--branches", "none"]);
  expect(wrong).toEqual({ status: 2, stdout: "", stderr: expect.stringContaining("--branches must be shown or all") });
});
