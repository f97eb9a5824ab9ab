import { sql } from "drizzle-orm";
import { afterAll, beforeAll, expect, test } from "vitest";

import { deleteCommand } from "../../src/commands/delete.ts";
import { conversation, store, turn } from "../harness/conversations.ts";
import { ask } from "../harness/graphql.ts";
import { runCommand } from "../harness/run-command.ts";
import { runInProcess } from "../harness/run-in-process.ts";
import { startTestServer, type TestServer } from "../harness/server.ts";

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.close());

const HOUR_MS = 3_600_000;

/** A conversation of shop's agent, last written to so many hours ago. */
function aged(id: string, hours: number, version: string | null = null, user: string | null = null) {
  const timestamp = new Date(Date.now() - hours * HOUR_MS);
  return conversation(id, {
    isolationKey: user,
    agent: { name: "shop", version },
    turns: [turn(`${id}.1`, { timestamp })],
  });
}

async function left(project: string): Promise<string[]> {
  const rows = await server.database.rows<{ id: string }>(
    sql`SELECT id FROM conversations WHERE project_id = ${project} ORDER BY id`,
  );
  return rows.map(({ id }) => id);
}

test("delete --older-than takes what nothing was written to for so long, of one agent or user where one is named", async () => {
  const ages = [aged("a", 1), aged("b", 30), aged("c", 50, "2"), aged("d", 60, "1", "ann"), aged("noted", 70)];
  await store(server.database, ages, "default");
  await store(server.database, [aged("other", 60)], "elsewhere");
  await ask(server, 'mutation { updateConversation(input: { id: "noted", metadata: [] }) { conversation { id } } }');
  const run = (...args: string[]) => runCommand(server.url, ["delete", ...args]);
  expect(await run("--older-than", "29h", "--dry-run")).toMatchObject({
    status: 0,
    stdout: "would delete 3 conversations\n",
  });
  expect(await left("default")).toEqual(["a", "b", "c", "d", "noted"]);
  const of = (...args: string[]) => run("--older-than", "2d", "--yes", ...args);
  expect(await of("--agent", "shop:2")).toMatchObject({ status: 0, stdout: "deleted 1 conversations\n", stderr: "" });
  expect(await of("--user", "bob")).toMatchObject({ status: 0, stdout: "deleted 0 conversations\n" });
  expect(await left("default")).toEqual(["a", "b", "d", "noted"]);
  expect(await of()).toMatchObject({ status: 0, stdout: "deleted 1 conversations\n" });
  expect([await left("default"), await left("elsewhere")]).toEqual([["a", "b", "noted"], ["other"]]);
});

test.each([
  [{ yes: true }, "--user or --older-than must be given"],
  [{ "older-than": "90", yes: true }, "--older-than must be a number of days, hours or minutes"],
  [{ "older-than": "0d", yes: true }, "--older-than must be longer than nothing"],
  [{ "older-than": "1d", agent: ":", yes: true }, "--agent must be NAME or NAME:VERSION"],
  [{ "older-than": "1d", user: "" }, "--user must be 1 to 256 bytes"],
])("delete with %j is refused before the database is opened", async (values, message) => {
  await expect(runInProcess(deleteCommand, values)).rejects.toThrow(message);
});
