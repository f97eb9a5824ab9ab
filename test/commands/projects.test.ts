import { sql } from "drizzle-orm";
import { afterAll, beforeAll, expect, test } from "vitest";

import { projectsCommand } from "../../src/commands/projects.ts";
import { createKey } from "../../src/store/keys/keys.ts";
import { forgetDeletedTurns } from "../../src/store/write/delete-turn.ts";
import { forgetDeleted } from "../../src/store/write/forget-deleted.ts";
import { conversation, store } from "../harness/conversations.ts";
import { fillEveryTable, readEveryTable, SECRET } from "../harness/every-table.ts";
import { post } from "../harness/graphql.ts";
import { runCommand } from "../harness/run-command.ts";
import { runInProcess } from "../harness/run-in-process.ts";
import { startTestServer, type TestServer } from "../harness/server.ts";

let server: TestServer;
let empty: Record<string, string[]>;
beforeAll(async () => {
  server = await startTestServer();
  await store(server.database, [conversation("kept", { isolationKey: "ann" })], "other");
  empty = await readEveryTable(server.database);
});
afterAll(() => server.close());

/** What of the project is stored, by table. */
async function namingIt(): Promise<Record<string, string[]>> {
  const tables = Object.entries(await readEveryTable(server.database));
  return Object.fromEntries(
    tables.flatMap(([name, rows]) => {
      const found = rows.filter((row) => row.includes(SECRET));
      return found.length === 0 ? [] : [[name, found]];
    }),
  );
}

test("of a user's deleted conversations nothing is left but ids and users, and of those nothing after a day", async () => {
  await fillEveryTable(server);
  expect(Object.keys(await namingIt())).toEqual(
    expect.arrayContaining(["conversations", "idempotency_keys", "items", "turn_chunks"]),
  );
  // One conversation was written by no user.
  const args = ["delete", "--user", SECRET, "--yes"];
  expect(await runCommand(server.url, args)).toMatchObject({
    status: 0,
    stdout: expect.stringMatching(/^deleted \d conv/),
  });
  await server.database.rows(
    sql`UPDATE conversation_heads SET updated_at = now() - interval '91 days' WHERE project_id = 'default'`,
  );
  await runCommand(server.url, ["delete", "--older-than", "90d", "--yes"]);
  expect(Object.keys(await namingIt())).toEqual(["deleted_conversations"]);
  await server.database.rows(sql`UPDATE deleted_conversations SET deleted_at = now() - interval '25 hours'`);
  await forgetDeleted(server.database, new AbortController().signal);
  await forgetDeletedTurns(server.database);
  expect(await readEveryTable(server.database)).toEqual(empty);
});

test("a project is deleted with its keys, and nothing is left of it, nor taken from another", async () => {
  const open = { origin: server.origin, database: server.database };
  await fillEveryTable(open);
  const tables = ["conversations", "conversation_heads", "turns", "turn_chunks", "items", "imported_ids"];
  expect(Object.keys(await namingIt())).toEqual(expect.arrayContaining(tables));
  const key = await createKey(server.database, "default", "project", SECRET);
  const run = (...args: string[]) => runCommand(server.url, ["projects", ...args]);
  expect(await run("delete", "default", "--yes")).toMatchObject({
    status: 1,
    stdout: "",
    stderr: expect.stringContaining("has the only keys of the database, and without any the server would be open"),
  });
  const another = await createKey(server.database, "other", "project", null);
  const { stdout } = await run("list");
  expect(stdout.split("\n")).toEqual([
    expect.stringMatching(/^default {2}\d+ conversations {2}1 keys \(1 valid\) {2}created \S+Z {2}last active \S+Z$/),
    expect.stringMatching(
      /^other {2}1 conversations {2}1 keys \(1 valid\) {2}created \S+Z {2}last active 2024-05-20\S+Z$/,
    ),
    "",
  ]);
  expect(await run("delete", "default", "--yes")).toMatchObject({
    status: 0,
    stdout: expect.stringMatching(/^deleted \d+ conversations and 1 keys of project default\n$/),
  });
  expect(Object.keys(await namingIt())).toEqual(["deleted_conversations"]);
  const asked = await post(server, "{ __typename }", {}, { authorization: `Bearer ${key}` });
  expect(asked.errors?.[0]?.extensions.code).toBe("UNAUTHENTICATED");

  expect(await run("delete", "absent", "--yes")).toMatchObject({ status: 1, stderr: "There is no project absent.\n" });
  expect(await run("delete", "other")).toMatchObject({ status: 2, stderr: expect.stringContaining("--yes is needed") });
  await createKey(server.database, "third", "user", null);
  expect(await run("delete", "other", "--yes")).toMatchObject({
    status: 0,
    stdout: "deleted 1 conversations and 1 keys of project other\n",
  });
  const rows = Object.values(await readEveryTable(server.database)).flat();
  expect(rows.filter((row) => /\bother\b|\bkept\b/.test(row))).toEqual([]);
  expect((await post(server, "{ __typename }", {}, { authorization: `Bearer ${another}` })).errors).toHaveLength(1);
});

test.each([
  [["delete"], "needs the name of a project"],
  [["delete", "no/such"], "P must be 1 to 64 letters"],
  [["list", "x"], 'Unexpected argument "x"'],
  [["empty"], 'knows list and delete, not "empty"'],
])("projects %j is refused before the database is opened", async (args, message) => {
  await expect(runInProcess(projectsCommand, {}, args)).rejects.toThrow(message);
});
