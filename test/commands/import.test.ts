import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

import { sql } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

import type { Database } from "../../src/store/database/client.ts";
import { connectTo } from "../harness/connect.ts";
import { createDatabase, type TestDatabase } from "../harness/database.ts";
import { runCommand, startCommand } from "../harness/run-command.ts";

const TAU_BENCH = fileURLToPath(new URL("../../../shared/data/tau-bench-gpt-4o-airline.json", import.meta.url));

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

/** Imports the text through standard input. */
const importText = (input: string | Buffer, ...options: string[]) =>
  runCommand(testDatabase.url, ["import", "-", ...options], input);

const turnOf = (id: string, content: string) => ({
  id,
  timestamp: "2024-03-07T22:56:08.570Z",
  role: "user",
  messages: [{ kind: "text", content }],
});

const lineOf = (id: string, ...contents: string[]) =>
  JSON.stringify({ id, turns: contents.map((content, index) => turnOf(`${id}-${index + 1}`, content)) });

async function storedTexts(projectId: string): Promise<string[]> {
  const rows = await database.rows<{ text: string }>(sql`
    SELECT conversation_id || ': ' || string_agg(messages -> 0 ->> 'content', ', ' ORDER BY position) AS text
    FROM turns WHERE project_id = ${projectId} GROUP BY conversation_id ORDER BY conversation_id`);
  return rows.map(({ text }) => text);
}

test.skipIf(!existsSync(TAU_BENCH))(
  "200 recorded trajectories (needs ../shared/data)",
  { timeout: 60_000 },
  async () => {
    const first = await runCommand(testDatabase.url, ["import", TAU_BENCH, "--project", "tau"]);
    expect(first).toEqual({
      status: 0,
      stdout: "imported 200 conversations, 2831 turns, 5198 fragments (0 skipped)\n",
      stderr:
        'left out: metadata "system" (value over 512 characters), 200 times\nleft out: unknown field info, 200 times\n',
    });
    const kinds = await database.rows(sql`
    SELECT fragment ->> 'kind' AS kind, count(*)::integer FROM turns, json_array_elements(messages) AS fragment
    WHERE project_id = 'tau' GROUP BY 1 ORDER BY 1`);
    expect(kinds).toEqual([
      { kind: "functionCall", count: 1164 },
      { kind: "functionResponse", count: 1164 },
      { kind: "text", count: 2870 },
    ]);
    const [failed] = await database.rows(sql`
    SELECT count(*)::integer FROM turns, json_array_elements(messages) AS fragment
    WHERE project_id = 'tau' AND (fragment ->> 'failed')::boolean`);
    expect(failed).toEqual({ count: 73 });
    const again = await runCommand(testDatabase.url, ["import", TAU_BENCH, "--project", "tau"]);
    expect(again.status).toBe(0);
    expect(again.stdout).toBe("imported 0 conversations, 0 turns, 0 fragments (200 skipped)\n");
  },
);

test("a new project is made, and the options fill in user and agent", async () => {
  const { status, stdout } = await importText(
    lineOf("c1", "Hello"),
    "--project",
    "p.1",
    "--user",
    "ü ser",
    "--agent",
    "desk:2:1",
  );
  expect([status, stdout]).toEqual([0, "imported 1 conversations, 1 turns, 1 fragments (0 skipped)\n"]);
  const [row] = await database.rows(sql`
    SELECT isolation_key, agent_name, agent_version FROM conversations WHERE project_id = 'p.1'`);
  expect(row).toEqual({ isolation_key: "ü ser", agent_name: "desk", agent_version: "2:1" });
});

test("a known conversation gains new turns and takes over changed ones", async () => {
  await importText(`${lineOf("c1", "a", "b")}\n${lineOf("c2", "c")}`, "--project", "grows");
  const { status, stdout } = await importText(
    `${lineOf("c1", "a", "B", "new")}\n${lineOf("c2", "c")}`,
    "--project",
    "grows",
  );
  expect([status, stdout]).toEqual([0, "imported 1 conversations, 2 turns, 2 fragments (1 skipped)\n"]);
  expect(await storedTexts("grows")).toEqual(["c1: a, B, new", "c2: c"]);
});

test("bad records are named, nothing of them is kept, the rest goes on", async () => {
  const lines = [
    lineOf("c1", "a"),
    '{"id": "c2"',
    JSON.stringify({ id: "c3", turns: [turnOf("c3-1", "fine"), { ...turnOf("c3-2", "x"), role: "robot\u001b[2J" }] }),
    // An id that a turn of the first line's conversation has: only the database finds that.
    JSON.stringify({ id: "c4", turns: [turnOf("c4-1", "fine"), turnOf("c1-1", "taken")] }),
    lineOf("c5", "e"),
    lineOf("c6", "fine", "x".repeat(2_097_152)),
  ];
  const { status, stdout, stderr } = await importText(lines.join("\n"), "--project", "bad");
  expect(status).toBe(1);
  expect(stdout).toBe("imported 2 conversations, 2 turns, 2 fragments (0 skipped)\n");
  expect(stderr.split("\n")).toEqual([
    expect.stringMatching(/^-: line 2: is not JSON: /),
    "-: line 3: turns[1].role: must be one of user, assistant",
    expect.stringMatching(/^-: line 4: .*\bc1-1\b/),
    "-: line 6: turns[1]: has more than 2097152 bytes",
    "",
  ]);
  expect(await storedTexts("bad")).toEqual(["c1: a", "c5: e"]);
});

test("a conversation of another user is a bad record", async () => {
  await importText(lineOf("c1", "mine"), "--project", "users", "--user", "anna");
  const { status, stdout, stderr } = await importText(lineOf("c1", "yours"), "--project", "users", "--user", "ben");
  expect([status, stdout]).toEqual([1, "imported 0 conversations, 0 turns, 0 fragments (0 skipped)\n"]);
  expect(stderr).toMatch(/^-: line 1: .*another user/);
  expect(stderr).not.toContain("anna");
  expect(await storedTexts("users")).toEqual(["c1: mine"]);
});

test("an empty list is no fault", async () => {
  const nothing = { status: 0, stdout: "imported 0 conversations, 0 turns, 0 fragments (0 skipped)\n", stderr: "" };
  expect(await importText("[]")).toEqual(nothing);
  expect(await importText('{"conversations":[]}')).toEqual(nothing);
});

describe("what cannot be read ends with status 1:", () => {
  test.each<[what: string, input: string | Buffer, message: RegExp]>([
    ["another format", '{"choices": []}', /^-: line 1: is in no format that is understood: /],
    ["bytes that are not UTF-8", Buffer.from([0x7b, 0xff]), /^-: line 1: is not valid UTF-8$/m],
  ])("%s", async (_what, input, message) => {
    const { status, stdout, stderr } = await importText(input);
    expect([status, stdout]).toEqual([1, "imported 0 conversations, 0 turns, 0 fragments (0 skipped)\n"]);
    expect(stderr).toMatch(message);
  });

  test("a file that does not exist", async () => {
    const { status, stderr } = await runCommand(testDatabase.url, ["import", "no/such.json"]);
    expect(status).toBe(1);
    expect(stderr).toContain("no/such.json");
  });

  test("a folder", async () => {
    const outcome = await runCommand(testDatabase.url, ["import", "test/commands"]);
    expect(outcome).toEqual({ status: 1, stdout: "", stderr: "test/commands is a folder, not a file\n" });
  });
});

describe("a wrong command line ends with status 2 and names the option:", () => {
  test.each([
    ["--project", "a/b"],
    ["--project", ""],
    ["--user", ""],
    ["--user", "a\tb"],
    ["--agent", ":1"],
    ["--agent", "a:"],
    ["--format", "csv"],
  ])("%s %j", async (option, value) => {
    const { status, stderr } = await importText(lineOf("c1", "a"), `${option}=${value}`);
    expect(status).toBe(2);
    expect(stderr).toContain(option);
  });
});

test("SIGINT stops between records, says what was done, and keeps it", async () => {
  const { process: command, outcome } = startCommand(testDatabase.url, ["import", "-", "--project", "stopped"]);
  command.stdin.write(`${lineOf("c1", "a")}\n`);
  await expect.poll(() => storedTexts("stopped"), { timeout: 20_000 }).toEqual(["c1: a"]);
  command.kill("SIGINT");
  expect(await outcome).toEqual({
    status: 130,
    stdout: "imported 1 conversations, 1 turns, 1 fragments (0 skipped)\n",
    stderr: "",
  });
});
