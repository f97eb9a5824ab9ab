import { sql } from "drizzle-orm";
import { afterAll, beforeAll, beforeEach, expect, test, vi } from "vitest";
import { removeAll } from "../harness/conversations.ts";
import { whileLocked } from "../harness/locks.ts";
import { runCommand, startCommand } from "../harness/run-command.ts";
import { startTestServer, type TestServer } from "../harness/server.ts";
import { watch } from "../harness/watch.ts";

// Each test starts several processes, on a machine that may have other work.
vi.setConfig({ testTimeout: 120_000 });

let server: TestServer;

beforeAll(async () => {
  server = await startTestServer();
});

afterAll(() => server.close());

beforeEach(() => removeAll(server.database));

/** A record with messages by turns of user and assistant, without ids of their own. */
const record = (...said: string[]) => ({
  id: "t-1",
  messages: said.map((content, index) => ({ role: index % 2 === 0 ? "user" : "assistant", content })),
});

const importAll = (records: object[], ...options: string[]) =>
  runCommand(server.url, ["import", "-", ...options], JSON.stringify(records));

async function stored() {
  const [row] = await server.database.rows<{ said: string; turns: number; revision: number }>(sql`
    SELECT string_agg(t.messages -> 0 ->> 'content', ' ' ORDER BY t.position) AS said, h.turn_count AS turns, h.revision
    FROM conversation_heads h JOIN turns t ON t.project_id = h.project_id AND t.conversation_id = h.conversation_id
    WHERE h.project_id = 'default' GROUP BY h.turn_count, h.revision`);
  return row;
}

const DIFFERS = "is known, and says something else from turn 1 on (--replace takes this one in its place)";

test("two records with one id make no mixture: the second is refused by name, and the first stays", async () => {
  const outcome = await importAll([record("A1", "A2", "A3", "A4"), record("B1", "B2")]);
  expect(outcome).toEqual({
    status: 1,
    stdout: "imported 1 conversations, 4 turns, 4 fragments (0 skipped)\n",
    stderr: `-: line 1, [1]: conversation t-1 ${DIFFERS}\n`,
  });
  expect(await stored()).toEqual({ said: "A1 A2 A3 A4", turns: 4, revision: 4 });
});

test("a record that goes on adds, one that says less changes nothing, an edited one is refused", async () => {
  await importAll([record("A1", "A2"), record("A1", "A2", "A3")]);
  expect(await stored()).toEqual({ said: "A1 A2 A3", turns: 3, revision: 3 });
  const shorter = await importAll([record("A1")]);
  expect(shorter).toMatchObject({ status: 0, stdout: "imported 0 conversations, 0 turns, 0 fragments (1 skipped)\n" });
  const edited = await importAll([record("A1 edited", "A2")]);
  expect([edited.status, edited.stderr]).toEqual([1, `-: line 1, [0]: conversation t-1 ${DIFFERS}\n`]);
  expect(await stored()).toEqual({ said: "A1 A2 A3", turns: 3, revision: 3 });
});

test("--replace puts the record in place of what is known: revisions go up, watchers see it, counts are right", async () => {
  await importAll([record("A1", "A2", "A3", "A4")]);
  const watching = await watch(server, { conversationId: "t-1", afterRevision: 4 });
  const replaced = await importAll([record("A1", "B2")], "--replace");
  expect(replaced).toEqual({
    status: 0,
    stdout: "imported 1 conversations, 1 turns, 1 fragments (0 skipped)\n",
    stderr: "",
  });
  expect(await stored()).toEqual({ said: "A1 B2", turns: 2, revision: 5 });
  expect(await watching.take(1)).toMatchObject([{ revision: 5, messages: [{ content: "B2" }] }]);
  watching.leave();
  const shorter = await importAll([record("A1")], "--replace");
  expect(shorter.stdout).toBe("imported 1 conversations, 0 turns, 0 fragments (0 skipped)\n");
  expect(await stored()).toEqual({ said: "A1", turns: 1, revision: 6 });
  const same = await importAll([record("A1")], "--replace");
  expect(same.stdout).toBe("imported 0 conversations, 0 turns, 0 fragments (1 skipped)\n");
});

test("ids of messages that another conversation has too give way to derived ones, which are found again", async () => {
  const talk = (id: string, ...said: string[]) => ({
    id,
    messages: said.map((content, index) => ({ id: `m${index}`, role: "user", content })),
  });
  const both = [talk("a", "A0", "A1"), talk("b", "B0", "B1")];
  expect((await importAll(both)).stdout).toBe("imported 2 conversations, 4 turns, 4 fragments (0 skipped)\n");
  expect((await importAll(both)).stdout).toBe("imported 0 conversations, 0 turns, 0 fragments (2 skipped)\n");
  expect((await importAll([talk("b", "B0", "B1 edited")])).stdout).toBe(
    "imported 1 conversations, 1 turns, 1 fragments (0 skipped)\n",
  );
  const rows = await server.database.rows<{ line: string }>(sql`
    SELECT conversation_id || ' ' || regexp_replace(id, '_.*', '') || ' ' || (messages -> 0 ->> 'content') AS line
    FROM turns ORDER BY conversation_id, position`);
  expect(rows.map(({ line }) => line)).toEqual(["a m0 A0", "a m1 A1", "b turn B0", "b turn B1 edited"]);
});

test("an import waits for a lock as long as for a statement: another import writes the same counts", async () => {
  const counts = sql`LOCK TABLE conversation_counts IN SHARE MODE`;
  const { status } = await whileLocked(server.database, counts, () => {
    const { process, outcome } = startCommand(server.url, ["import", "-"], { LOCK_TIMEOUT_MS: "1" });
    process.stdin.end(JSON.stringify([record("one", "two")]));
    return outcome;
  });
  expect(status).toBe(0);
  expect(await stored()).toMatchObject({ said: "one two" });
});
