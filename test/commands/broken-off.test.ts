import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { sql } from "drizzle-orm";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";

import { generateConversation } from "../../src/seed/generate-conversation.ts";
import { conversation, store } from "../harness/conversations.ts";
import { createDatabase } from "../harness/database.ts";
import { runCommand } from "../harness/run-command.ts";
import { startTestServer, type TestServer } from "../harness/server.ts";
import { createTrigger } from "../harness/triggers.ts";
import { type BreakingConnection, breakingConnection } from "./breaking-connection.ts";

let server: TestServer;
let way: BreakingConnection;
beforeAll(async () => {
  server = await startTestServer();
  way = await breakingConnection(server.url);
});
afterAll(async () => {
  way.close();
  await server.close();
});

const LINES = ["line 1", "line 2", "line 3", "line 4"].map((id) => JSON.stringify({ id, turns: [] })).join("\n");
const AGAIN = "Run the same command again to go on.";

/** Runs the command on a connection that breaks where this text passes. */
async function runTo(text: string, args: readonly string[], input = "") {
  way.breakAt(text);
  try {
    return await runCommand(way.url, args, input);
  } finally {
    way.breakAt(null);
  }
}

const lost = (kept: string) =>
  expect.stringMatching(
    new RegExp(`^The connection to the database at ${new URL(way.url).host} was lost \\([^)]+\\)\\. ${kept}\n$`),
  );

test("import says that its connection was lost and what is kept, and goes on when it is run again", async () => {
  const args = ["import", "-", "--project", "imported"];
  expect(await runTo("line 3", args, LINES)).toEqual({
    status: 1,
    stdout: "imported 2 conversations, 0 turns, 0 fragments (0 skipped)\n",
    stderr: lost(`Conversations that were imported before it are kept, each of them whole. ${AGAIN}`),
  });
  expect(await runCommand(way.url, args, LINES)).toEqual({
    status: 0,
    stdout: "imported 2 conversations, 0 turns, 0 fragments (2 skipped)\n",
    stderr: "",
  });
});

test("seed does", async () => {
  const args = ["seed", "--conversations", "300", "--project", "seeded"];
  expect(await runTo(generateConversation(260, "1").id, args)).toEqual({
    status: 1,
    stdout: "added 250 conversations (0 were there already)\n",
    stderr: lost(`Conversations that were added before it are kept. ${AGAIN}`),
  });
  const again = await runCommand(way.url, args);
  expect(again.stdout).toBe("added 50 conversations (250 were there already)\n");
});

test("delete does", async () => {
  const ids = Array.from({ length: 250 }, (_, index) => `d${1000 + index}`);
  await store(
    server.database,
    ids.map((id) => conversation(id, { isolationKey: "anna" })),
    "deleted",
  );
  const args = ["delete", "--project", "deleted", "--user", "anna", "--yes"];
  expect(await runTo("d1230", args)).toEqual({
    status: 1,
    stdout: "deleted 200 conversations\n",
    stderr: lost(`What was deleted before it stays deleted. ${AGAIN}`),
  });
  expect(await runCommand(way.url, args)).toEqual({ status: 0, stdout: "deleted 50 conversations\n", stderr: "" });
});

test("export does, and leaves no file", async () => {
  await store(server.database, [conversation("row 1"), conversation("row 2")], "exported");
  const folder = await mkdtemp(join(tmpdir(), "export-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  const args = ["export", "--project", "exported", "--out", join(folder, "all.jsonl")];
  expect(await runTo("row 2", args)).toEqual({
    status: 1,
    stdout: "",
    stderr: lost("What was written is not all, and a file that --out names is left as it was. Run it again."),
  });
  expect(await readdir(folder)).toEqual([]);
  expect((await runCommand(way.url, args)).status).toBe(0);
});

test("backup does, and restore, which leaves nothing of it", async () => {
  const folder = await mkdtemp(join(tmpdir(), "backup-"));
  const { url, drop } = await createDatabase({ migrated: false });
  const other = await breakingConnection(url);
  onTestFinished(async () => {
    other.close();
    await Promise.all([drop(), rm(folder, { recursive: true })]);
  });
  await store(server.database, [conversation("row 3"), conversation("row 4")], "saved");
  const file = join(folder, "all");
  const broken = await runTo("row 4", ["backup", "--out", file]);
  expect(broken).toEqual({
    status: 1,
    stdout: "",
    stderr: lost("What was written is not all, and the file that --out names is left as it was. Run it again."),
  });
  expect(await readdir(folder)).toEqual([]);
  expect((await runCommand(way.url, ["backup", "--out", file])).status).toBe(0);
  other.breakAt("row 4");
  const stopped = await runCommand(other.url, ["restore", file]);
  expect(stopped).toMatchObject({
    status: 1,
    stderr: expect.stringMatching(/^The connection .+ was lost .+ as a whole or not at all/),
  });
  other.breakAt(null);
  expect((await runCommand(other.url, ["restore", file])).status).toBe(0);
});

test("keys says where to look, as its one statement may have been carried out", async () => {
  const outcome = await runTo("a note", ["keys", "create", "--access", "user", "--note", "a note"]);
  expect(outcome).toEqual({ status: 1, stdout: "", stderr: lost("`keys list` shows whether anything was changed.") });
});

test("a database that cannot be migrated for a broken connection is told as one", async () => {
  expect(await runTo("pg_advisory_xact_lock", ["migrate"])).toEqual({
    status: 1,
    stdout: "",
    stderr: lost("Migrations are applied together or not at all: run it again."),
  });
});

test("a full device of the database is called that", async () => {
  await server.database.rows(sql`CREATE FUNCTION fill() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN RAISE EXCEPTION 'could not extend file "base/1/2"' USING ERRCODE = 'disk_full'; END $$`);
  await createTrigger(
    server.database,
    sql`CREATE TRIGGER fill BEFORE INSERT ON conversations FOR EACH ROW
    WHEN (NEW.id = 'line 3' AND NEW.project_id = 'full') EXECUTE FUNCTION fill()`,
  );
  expect(await runCommand(server.url, ["import", "-", "--project", "full"], LINES)).toEqual({
    status: 1,
    stdout: "imported 2 conversations, 0 turns, 0 fragments (0 skipped)\n",
    stderr: expect.stringMatching(
      /^No space left on the device of the database at \S+:\d+\. Free some\. Conversations that were imported before it are kept/,
    ),
  });
});
