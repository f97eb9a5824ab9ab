import { sql } from "drizzle-orm";
import type { ConversationRecord, TurnRecord } from "../../model/conversation-record.ts";
import { calledFunctions, searchedText } from "../../model/message-fragment.ts";
import type { Database } from "../database/client.ts";
import type { Executor } from "../database/executor.ts";
import { json, textArray } from "../sql/parameters.ts";
import { conversationHeads, conversations } from "../tables/conversations.ts";
import { turns } from "../tables/turns.ts";

/** Whether any conversation is stored, in whatever project. */
export async function hasConversations(database: Executor): Promise<boolean> {
  const [row] = await database.rows<{ found: boolean }>(sql`SELECT EXISTS (SELECT FROM ${conversations}) AS found`);
  return row?.found === true;
}

/**
 * Stores new conversations with their turns, in one transaction: all of them or none. Three statements, however many
 * they are. An id that is in use is an error of the database (23505).
 */
export async function insertConversations(
  database: Database,
  projectId: string,
  records: readonly ConversationRecord[],
): Promise<void> {
  await database.transaction(async (transaction) => {
    await writeConversations(transaction, projectId, records);
    await writeTurns(transaction, projectId, records);
  });
}

/** Stores the conversations without their turns; answers the ids of those that were new. Two statements. */
export async function writeConversations(
  executor: Executor,
  projectId: string,
  records: readonly ConversationRecord[],
): Promise<Set<string>> {
  const rows = records.map((record) => ({
    id: record.id,
    isolation_key: record.isolationKey,
    created_at: record.createdAt,
    agent_name: record.agent?.name ?? null,
    agent_version: record.agent?.version ?? null,
    metadata: record.metadata,
    updated_at: record.updatedAt,
    revision: record.revision ?? record.turns.length,
    turn_count: record.turns.length,
  }));
  const input = sql`json_to_recordset(${json(rows)}) AS input (
    id text, isolation_key text, created_at timestamptz, agent_name text, agent_version text, metadata json,
    updated_at timestamptz, revision integer, turn_count integer)`;
  const added = await executor.rows<{ id: string }>(sql`
    INSERT INTO ${conversations} (project_id, id, isolation_key, created_at, agent_name, agent_version, metadata)
    SELECT ${projectId}, id, isolation_key, created_at, agent_name, agent_version, metadata FROM ${input}
    ON CONFLICT (project_id, id) DO NOTHING RETURNING id`);
  const ids = new Set(added.map((row) => row.id));
  await executor.rows(sql`
    INSERT INTO ${conversationHeads} (project_id, conversation_id, isolation_key, updated_at, revision, turn_count)
    SELECT ${projectId}, id, isolation_key, updated_at, revision, turn_count FROM ${input}
    WHERE id = ANY(${textArray([...ids])})`);
  return ids;
}

/** Stores all turns of the conversations at positions 1..n. One statement, however many they are. */
export async function writeTurns(
  executor: Executor,
  projectId: string,
  records: readonly Pick<ConversationRecord, "id" | "turns">[],
): Promise<void> {
  const rows = records.flatMap((record) => record.turns.map((turn, index) => turnRow(record.id, turn, index + 1)));
  await executor.rows(sql`
    INSERT INTO ${turns} (project_id, id, conversation_id, position, revision, role, state, timestamp, messages,
      error_detail, in_reply_to_id, words, called_functions)
    SELECT ${projectId}, id, conversation_id, position, revision, role, state, timestamp, messages,
      error_detail, in_reply_to_id, CASE WHEN state <> 'in-progress' THEN to_tsvector('simple', words) END, called_functions
    FROM json_to_recordset(${json(rows)}) AS input (
      id text, conversation_id text, position integer, revision integer, role text, state text, timestamp timestamptz,
      messages json, error_detail text, in_reply_to_id text, words text, called_functions text[])`);
}

function turnRow(conversationId: string, turn: TurnRecord, position: number): Record<string, unknown> {
  return {
    id: turn.id,
    conversation_id: conversationId,
    position,
    revision: turn.revision ?? position,
    role: turn.role,
    state: turn.state,
    timestamp: turn.timestamp,
    messages: turn.messages,
    error_detail: turn.errorDetail,
    in_reply_to_id: turn.inReplyToId,
    words: searchedText(turn.messages),
    called_functions: calledFunctions(turn.messages),
  };
}
