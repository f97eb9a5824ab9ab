import { sql } from "drizzle-orm";
import { pino } from "pino";
import { expect, onTestFinished, test } from "vitest";

import { endStaleTurnsRegularly } from "../../src/commands/stale-turns.ts";
import { connect, type Database, databaseFailingWith } from "../../src/store/database/client.ts";
import { connectTo } from "../harness/connect.ts";
import { createDatabase } from "../harness/database.ts";
import { startServer } from "../harness/program.ts";
import { startTestServer } from "../harness/server.ts";
import { watch } from "../harness/watch.ts";
import { append, create } from "../harness/writes.ts";

const ANSWER = { role: "ASSISTANT", state: "IN_PROGRESS", messages: [] };
const SILENT = pino({ level: "silent" });

/** A server process on the database, which is stopped in order at the test's end. */
async function start(url: string, minutes: string): Promise<{ origin: string }> {
  const server = await startServer({ DATABASE_URL: url, STALE_TURN_MINUTES: minutes });
  onTestFinished(async () => {
    expect(await server.stop("SIGTERM")).toMatchObject({ status: 0, stderr: "" });
  });
  return { origin: new URL(server.url).origin };
}

async function leaveFor(minutes: number, database: Database, conversationId: string): Promise<void> {
  await database.rows(sql`
    UPDATE conversation_heads SET updated_at = now() - make_interval(mins => ${minutes})
    WHERE conversation_id = ${conversationId}`);
}

test("a server stops what was left alone for as long as it is set to, and tells the watchers of another one", async () => {
  const { url, drop } = await createDatabase();
  onTestFinished(drop);
  const database = connectTo(url);
  onTestFinished(() => database.close());
  const never = await start(url, "0");
  const conversationId = await create(never);
  const { id } = await append(never, { conversationId, turn: ANSWER });
  await leaveFor(3, database, conversationId);
  const watching = await watch(never, { conversationId });
  await start(url, "4");
  await start(url, "2");
  expect(await watching.take(1)).toMatchObject([{ id, revision: 2, state: "STOPPED" }]);
  watching.leave();
});

test("an outage of the database ends no more than a round", async () => {
  const server = await startTestServer();
  onTestFinished(() => server.close());
  const conversationId = await create(server);
  const { id } = await append(server, { conversationId, turn: ANSWER });
  const watching = await watch(server, { conversationId });
  await leaveFor(2, server.database, conversationId);
  const nobody = connect("postgres://nobody@127.0.0.1:1/none", {
    poolSize: 1,
    poolTimeoutMs: 100,
    statementTimeoutMs: 100,
    lockTimeoutMs: 100,
    prepare: true,
  });
  onTestFinished(() => nobody.close());
  const reads = [nobody, databaseFailingWith(nobody, new Error("unexpected"))].map((each) => each.read);
  const failing: Database = {
    ...server.database,
    read: (...args) => (reads.shift() ?? server.database.read)(...args),
  };
  const stop = endStaleTurnsRegularly(failing, 1, SILENT, 1);
  expect(await watching.take(1)).toMatchObject([{ id, state: "STOPPED" }]);
  await stop();
  watching.leave();
});

test("with 0 the database is never asked", async () => {
  const asked: string[] = [];
  const database = new Proxy({} as Database, {
    get: (_, name) => {
      asked.push(String(name));
    },
  });
  await endStaleTurnsRegularly(database, 0, SILENT, 1)();
  expect(asked).toEqual([]);
});
