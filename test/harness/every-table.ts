import { sql } from "drizzle-orm";

import type { Executor } from "../../src/store/database/executor.ts";
import { conversation, store, turn } from "./conversations.ts";
import { addItems, assistant, createWith, functionCall, functionOutput, user } from "./conversations-api.ts";
import { ask } from "./graphql.ts";
import type { TestServer } from "./server.ts";
import { append, create, says, update } from "./writes.ts";

/** What `fillEveryTable` says, names and uses: no row has it once its project is gone. */
export const SECRET = "zephyr";

type Filled = Pick<TestServer, "origin" | "database">;

/**
 * Writes conversations of the default project that have rows in every table of conversations: ids of other systems, text that
 * streams, items that join a turn, idempotency keys, a deleted turn and a deleted conversation. Answers their ids.
 */
export async function fillEveryTable(server: Filled, name = SECRET): Promise<string[]> {
  const as = { "x-ms-user-isolation-key": name };
  const turns = [
    turn(`${name}.1`, { text: `${name} asks` }),
    turn(`${name}.2`, { role: "assistant", inReplyToId: `${name}.1` }),
  ];
  const agent = { name: `${name}-agent`, version: "2" };
  await store(server.database, [conversation(name, { isolationKey: name, agent, metadata: { title: name }, turns })]);
  const streaming = await create(server, { turns: [says(`${name} 京都`)], idempotencyKey: `${name} creates` }, as);
  const { id } = await append(
    server,
    {
      conversationId: streaming,
      turn: { role: "ASSISTANT", state: "IN_PROGRESS", messages: [{ text: { content: "" } }] },
    },
    as,
  );
  for (const appendText of [`${name} `, "says\n\t\\."]) await update(server, { id, appendText }, as);
  const shortened = await create(server, { turns: [says(name), says(`${name} again`)] }, as);
  const last = await append(server, { conversationId: shortened, turn: says(name), idempotencyKey: name }, as);
  await ask(server, "mutation ($id: ID!) { deleteTurn(input: { id: $id }) { deletedTurnId } }", { id: last.id }, as);
  await ask(server, DELETE, { id: await create(server, {}, as) }, as);
  const ofItems = await createWith(server, [user(name), functionCall("call", name)], as);
  await addItems(server, ofItems, [functionOutput("call", name), assistant(`${name} found it`)]);
  return [name, streaming, shortened, ofItems];
}

const DELETE = "mutation ($id: ID!) { deleteConversation(input: { id: $id }) { deletedConversationId } }";

/** The rows of every table as text, in one order, by the table's name. */
export async function readEveryTable(executor: Executor): Promise<Record<string, string[]>> {
  const tables = await executor.rows<{ name: string }>(
    sql`SELECT tablename AS name FROM pg_tables WHERE schemaname = 'public' ORDER BY tablename`,
  );
  const found: Record<string, string[]> = {};
  for (const { name } of tables) {
    const rows = await executor.rows<{ row: string }>(
      sql`SELECT t::text AS row FROM ${sql.identifier(name)} t ORDER BY t::text COLLATE "C"`,
    );
    found[name] = rows.map(({ row }) => row);
  }
  return found;
}
