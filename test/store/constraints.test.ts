import { sql } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { brokenRule } from "../../src/model/broken-rule.ts";
import { toApiError } from "../../src/model/errors.ts";
import type { Database } from "../../src/store/database/client.ts";
import { takenId } from "../../src/store/write/taken-id.ts";
import { ON_CITUS } from "../harness/citus.ts";
import { connectTo } from "../harness/connect.ts";
import { conversation, store, turn } from "../harness/conversations.ts";
import { createDatabase, type TestDatabase } from "../harness/database.ts";
import { fromWorker } from "../harness/from-worker.ts";
import { testOnOneMachine } from "../harness/one-machine.ts";
import { CHUNK, CONVERSATION, DELETED, DELETED_TURN, IDEMPOTENCY_KEY, ITEM, KEY, SHARE, TABLES } from "./row-cases.ts";
import { insert, refusalOf, violatedBy } from "./violated-by.ts";

let files: TestDatabase;
let database: Database;

beforeAll(async () => {
  files = await createDatabase();
  database = connectTo(files.url, { prepare: false });
  await store(database, [
    conversation("conv_1", { turns: [turn("turn_1"), turn("turn_2", { role: "assistant" }), turn("imported turn")] }),
    conversation("conv_2", { turns: [turn("turn_3")] }),
    conversation("imported"),
  ]);
  await store(database, [conversation("conv_1", { turns: [turn("turn_1"), turn("turn_other")] })], "other");
  await database.rows(insert("conversations", { ...CONVERSATION, id: "conv_headless" }));
  await database.rows(insert("idempotency_keys", { ...IDEMPOTENCY_KEY, key: "taken" }));
  await database.rows(insert("keys", { ...KEY, id: "key_taken", hash: "t".repeat(43) }));
  await database.rows(insert("conversation_counts", { ...SHARE, share: -2 }));
  await database.rows(insert("milestones", { name: "reached" }));
  await database.rows(insert("deleted_conversations", { ...DELETED, conversation_id: "conv_former" }));
  await database.rows(insert("turn_chunks", { ...CHUNK, revision: 9 }));
  await database.rows(insert("deleted_turns", { ...DELETED_TURN, revision: 9 }));
  await database.rows(insert("items", { ...ITEM, id: "msg_taken", place: 1_000_007 }));
});
afterAll(async () => {
  await database.close();
  await files.drop();
});

describe.each(TABLES)("%s", (table, good, cases) => {
  test.each(cases)("%j: %s", async (change, constraint) => {
    const refusal = await refusalOf(database, insert(table, { ...good, ...change }));
    expect(refusal === null ? null : brokenRule(refusal).constraint).toBe(constraint);
    // A worker's error is one already.
    if (refusal === null || ON_CITUS) return;
    const handedOn = fromWorker(refusal);
    expect([brokenRule(handedOn).constraint, takenId(handedOn)]).toEqual([constraint, takenId(refusal)]);
    const { code, message } = toApiError(refusal);
    expect(toApiError(handedOn)).toMatchObject({ code, message });
  });
});

// What a trigger refuses says no constraint once Citus has handed it on.
testOnOneMachine("whose a conversation is, and who speaks in a turn, is fixed", async () => {
  const { rows } = database;
  await rows(sql`UPDATE turns SET role = role`);
  await rows(sql`UPDATE conversations SET isolation_key = isolation_key`);
  expect(await violatedBy(database, sql`UPDATE turns SET role = 'assistant' WHERE id = 'turn_1'`)).toBe(
    "turns_role_fixed",
  );
  expect(await violatedBy(database, sql`UPDATE conversations SET isolation_key = 'x' WHERE id = 'conv_1'`)).toBe(
    "conversations_isolation_key_fixed",
  );
});

test("a conversation takes its turns, head, items and idempotency keys with it", async () => {
  const project = "gone";
  await store(database, [conversation("gone", { turns: [turn("turn_gone")] })], project);
  await database.rows(insert("idempotency_keys", { ...IDEMPOTENCY_KEY, project_id: project, conversation_id: "gone" }));
  await database.rows(insert("items", { ...ITEM, project_id: project, conversation_id: "gone" }));
  await database.rows(sql`DELETE FROM conversations WHERE project_id = ${project}`);
  for (const table of ["conversation_heads", "turns", "items", "idempotency_keys"]) {
    expect(await database.rows(sql`SELECT FROM ${sql.identifier(table)} WHERE project_id = ${project}`), table).toEqual(
      [],
    );
  }
});

// Citus has triggers and constraints of its own, and of each shard.
testOnOneMachine("no trigger looks at another table, which may be on another machine", async () => {
  const triggers = await database.rows<{ does: string }>(sql`
    SELECT DISTINCT f.proname AS does FROM pg_trigger t JOIN pg_proc f ON f.oid = t.tgfoid WHERE NOT t.tgisinternal ORDER BY 1`);
  expect(triggers.map(({ does }) => does)).toEqual([
    "refuse_change",
    "set_head_changed_at",
    "set_title_words",
    "set_turn_bytes",
  ]);
});

testOnOneMachine("every constraint of the database refuses something above", async () => {
  const refused = TABLES.flatMap(([, , cases]) => cases.map(([, constraint]) => constraint));
  const found = await database.rows<{ name: string }>(sql`
    SELECT conname AS name FROM pg_constraint WHERE connamespace = 'public'::regnamespace AND contype IN ('c', 'u', 'p', 'f')`);
  const untested = found.map(({ name }) => name).filter((name) => !refused.includes(name));
  expect(untested).toEqual([]);
});
