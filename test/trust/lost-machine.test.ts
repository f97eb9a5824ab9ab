import { sql } from "drizzle-orm";
import { afterAll, beforeAll, expect, test } from "vitest";

import { post } from "../harness/graphql.ts";
import { startTestServer, type TestServer } from "../harness/server.ts";
import { createTrigger } from "../harness/triggers.ts";
import { create, readTurns, says } from "../harness/writes.ts";

// What a database says of another machine of its own that is lost, by a rule of the test on the text that a turn says.
const SAID = {
  "a machine that was lost": ["08006", "connection to the remote node was lost"],
  "a machine that refuses": ["08001", "connection to the remote node failed"],
  "a transaction that was not committed": ["XX000", "could not commit transaction on any active node"],
} as const;

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer({ POOL_SIZE: "1" });
  await server.database.rows(sql`
    CREATE FUNCTION lose_machine() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      RAISE EXCEPTION USING ERRCODE = NEW.messages #>> '{0,metadata,state}', MESSAGE = NEW.messages #>> '{0,content}';
    END $$`);
  await createTrigger(
    server.database,
    sql`
    CREATE CONSTRAINT TRIGGER lose_machine AFTER INSERT ON turns DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    WHEN (NEW.messages #>> '{0,metadata,state}' IS NOT NULL) EXECUTE FUNCTION lose_machine()`,
  );
});
afterAll(() => server.close());

const APPEND = "mutation ($input: AppendTurnInput!) { appendTurn(input: $input) { turn { id } } }";

/** The processes of the database that answer the server. */
async function backends(): Promise<number[]> {
  const rows = await server.database.rows<{ pid: number }>(sql`
    SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'conversation-graph'`);
  return rows.map(({ pid }) => pid);
}

test.each(Object.entries(SAID))(
  "%s at the commit is 503, and keeps the connection",
  async (_what, [state, message]) => {
    const conversationId = await create(server, { turns: [says("before")] });
    const before = await backends();
    const turn = { role: "USER", messages: [{ text: { content: message, metadata: { state } } }] };
    const input = { conversationId, turn, idempotencyKey: `${conversationId} once` };
    const { errors } = await post(server, APPEND, { input });
    expect(errors).toMatchObject([
      { message: "The database is not available. Try again shortly.", extensions: { code: "SERVICE_UNAVAILABLE" } },
    ]);
    expect(await backends()).toEqual(expect.arrayContaining(before));
    // Nothing was written, so that the key is free: the same call may be sent again.
    const again = await post(server, APPEND, { input: { ...input, turn: says("again") } });
    expect(again.errors).toBeUndefined();
    const once = await post(server, APPEND, { input: { ...input, turn: says("again") } });
    expect(once).toEqual(again);
    expect(await readTurns(server, conversationId)).toHaveLength(2);
  },
);

test("a read that meets a lost machine is 503 and not sent again", async () => {
  await server.database.rows(sql`CREATE SEQUENCE tries`);
  await server.database.rows(sql`
    CREATE FUNCTION fail_read() RETURNS boolean LANGUAGE plpgsql AS $$
    BEGIN PERFORM nextval('tries'); RAISE EXCEPTION USING ERRCODE = '08006', MESSAGE = 'lost'; END $$`);
  await expect(server.database.read(sql`SELECT fail_read()`)).rejects.toMatchObject({ code: "08006" });
  const [row] = await server.database.rows<{ tries: number }>(sql`SELECT last_value::integer AS tries FROM tries`);
  expect(row?.tries).toBe(1);
});
