import { mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { sql } from "drizzle-orm";
import { afterAll, beforeAll, expect, test } from "vitest";

import { SAMPLE_CONVERSATIONS } from "../../src/seed/sample-conversations.ts";
import { BACKUP_TABLES } from "../../src/store/backup/backup-tables.ts";
import { createKey, listKeys, revokeKey } from "../../src/store/keys/keys.ts";
import { textArray } from "../../src/store/sql/parameters.ts";
import { brokenRules } from "../harness/broken-rules.ts";
import { store } from "../harness/conversations.ts";
import { callApi } from "../harness/conversations-api.ts";
import { createDatabase, type TestDatabase } from "../harness/database.ts";
import { fillEveryTable, readEveryTable } from "../harness/every-table.ts";
import { ask } from "../harness/graphql.ts";
import { runCommand } from "../harness/run-command.ts";
import { startTestServer, type TestServer } from "../harness/server.ts";
import { append, create, says } from "../harness/writes.ts";

let source: TestServer;
let target: TestDatabase;
let restored: TestServer;
let folder: string;
let file: string;
let key: string;
let ids: string[];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "backup-"));
  file = join(folder, "all.backup");
  [source, target] = await Promise.all([startTestServer(), createDatabase({ migrated: false })]);
  await store(source.database, SAMPLE_CONVERSATIONS);
  ids = await fillEveryTable(source);
  // A row from before a rule: longer than a turn may be by now.
  await source.database.transaction(async (transaction) => {
    for (const statement of [
      // What Citus asks for, of statements about triggers and of those that follow them.
      sql`SET LOCAL citus.enable_unsafe_triggers = on`,
      sql`SET LOCAL citus.multi_shard_modify_mode = 'sequential'`,
      sql`ALTER TABLE turns DISABLE TRIGGER USER`,
      sql`ALTER TABLE turns DROP CONSTRAINT turns_bytes_check`,
      sql`UPDATE turns SET bytes = 3000000 WHERE id = 'zephyr.1'`,
      sql`ALTER TABLE turns ENABLE TRIGGER USER`,
      sql`ALTER TABLE turns ADD CONSTRAINT turns_bytes_check CHECK (bytes <= 2097152) NOT VALID`,
    ]) {
      await transaction.rows(statement);
    }
  });
  key = await createKey(source.database, "default", "project", null);
  await createKey(source.database, "shop", "user", "a note\twith a tab");
  await revokeKey(source.database, (await listKeys(source.database))[1]?.id ?? "");
});
afterAll(async () => {
  await Promise.all([source.close(), restored?.close()]);
  await Promise.all([target.drop(), rm(folder, { recursive: true })]);
});

const EVERYTHING = `{
  conversations(first: 50, orderBy: { field: UPDATED_AT }) {
    totalCount
    edges { cursor node {
      id createdAt updatedAt revision metadata user agent { agentId }
      items(first: 100) { nodes { id json } }
      turns(first: 100) { totalCount edges { cursor node { id position revision role state timestamp errorDetail inReplyTo { id } metadata messages {
        __typename ... on TextFragment { content metadata } ... on FunctionCallFragment { name args } ... on FunctionResponseFragment { response failed }
      } } } }
    } }
  }
  found: conversations(first: 10, filter: { search: "zephyr 京都" }) { totalCount nodes { id } }
}`;

/** What each surface says of all that there is. */
async function readAll(server: TestServer): Promise<unknown[]> {
  const headers = { authorization: `Bearer ${key}` };
  const paths = ["/openai/v1/conversations?limit=100", "/api/v1/agents/zephyr-agent/conversations"];
  const lists = paths.map(async (path) => (await fetch(server.origin + path, { headers })).text());
  const items = ids.map(
    async (id) => (await callApi(server, "GET", `/${id}/items?limit=100`, undefined, headers)).text,
  );
  return [await ask(server, EVERYTHING, {}, headers), ...(await Promise.all([...lists, ...items]))];
}

test("every table is in the backup, and none has a sequence", async () => {
  const tables = await readEveryTable(source.database);
  // A new table goes into BACKUP_TABLES, behind those that it refers to.
  expect(Object.keys(tables)).toEqual([...BACKUP_TABLES].sort());
  for (const [name, rows] of Object.entries(tables)) expect(rows.length, name).toBeGreaterThan(0);
  const sequences = await source.database.rows(sql`SELECT sequencename FROM pg_sequences WHERE schemaname = 'public'`);
  // The next number of one would have to be restored too.
  expect(sequences).toEqual([]);
});

test("a backup while the server runs, restored into a new database, has every row as it was, and each surface answers alike", async () => {
  const written = await runCommand(source.url, ["backup", "--out", file]);
  expect(written).toEqual({
    status: 0,
    stdout: "",
    stderr: expect.stringMatching(/^backed up 2 projects, 2 keys, \d+ conversations, \d+ turns \(\d+ bytes\)\n$/),
  });
  expect([(await stat(file)).mode & 0o777, await readdir(folder)]).toEqual([0o600, ["all.backup"]]);
  const said = written.stderr.replace("backed up", "restored").replace(/ \(.*/, "");
  expect(await runCommand(target.url, ["restore", file])).toEqual({ status: 0, stdout: said, stderr: "" });

  restored = await startTestServer({}, target.url);
  const [before, after] = [await readEveryTable(source.database), await readEveryTable(restored.database)];
  expect(after).toEqual({ ...before, milestones: ['("search words","[0,"""",""""]")'] });
  expect(await readAll(restored)).toEqual(await readAll(source));
  expect(await rulesOf(restored)).toEqual(await rulesOf(source));
});

/** The rules and triggers of the tables. PostgreSQL sets brackets in another way once it has read its own words. */
function rulesOf({ database }: TestServer): Promise<object[]> {
  return database.rows(sql`
    SELECT conrelid::regclass::text AS table, conname AS name, translate(pg_get_constraintdef(oid), '()', '') AS rule FROM pg_constraint
    WHERE conrelid::regclass::text = ANY(${textArray(BACKUP_TABLES)})
    UNION ALL SELECT tgrelid::regclass::text, tgname, tgenabled::text FROM pg_trigger
    WHERE tgrelid::regclass::text = ANY(${textArray(BACKUP_TABLES)}) AND NOT tgisinternal ORDER BY 1, 2`);
}

test("what is written afterwards meets nothing that is there", async () => {
  const as = { authorization: `Bearer ${key}`, "x-ms-user-isolation-key": "zephyr" };
  const again = await create(restored, { turns: [says("zephyr 京都")], idempotencyKey: "zephyr creates" }, as);
  expect(ids).toContain(again);
  const { revision } = await append(restored, { conversationId: "zephyr", turn: says("more") }, as);
  expect(revision).toBe(3);
  expect(await brokenRules(restored.database)).toEqual([]);
});

test("a file that is there is left alone without --force, and standard output and input are -", async () => {
  await writeFile(join(folder, "other"), "mine");
  const refused = await runCommand(source.url, ["backup", "--out", join(folder, "other")]);
  expect(refused).toMatchObject({
    status: 1,
    stderr: expect.stringContaining("other exists already: --force replaces it"),
  });
  expect(await readFile(join(folder, "other"), "utf8")).toBe("mine");
  expect(await runCommand(source.url, ["backup", "--out", join(folder, "other"), "--force"])).toMatchObject({
    status: 0,
  });
  const again = await runCommand(target.url, ["restore", "-"], await readFile(join(folder, "other")));
  expect(again).toMatchObject({
    status: 1,
    stderr: expect.stringMatching(
      /^- is not restored: the database is not empty: there are rows in keys, conversations, .+\. Restore it into a new one\.\n$/,
    ),
  });
});
