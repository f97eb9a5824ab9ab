import { sql } from "drizzle-orm";
import type { ConversationRecord, TurnRecord } from "../../model/conversation-record.ts";
import type { Database } from "../database/client.ts";
import { together } from "../database/together.ts";
import { insertRows, writtenColumns } from "../sql/written-columns.ts";
import { conversationHeads, conversations } from "../tables/conversations.ts";
import { turns } from "../tables/turns.ts";
import { planAgain } from "./plan-again.ts";
import { writeRecordItems } from "./record-items.ts";
import { checkReplies } from "./replies.ts";
import { indexedOf } from "./turn-content.ts";
import { type Writer, writeTransaction } from "./write-transaction.ts";

const CONVERSATION = writtenColumns(conversations, "projectId", "forkedFromId", "forkedTurnId", "titleWords");
const HEAD = writtenColumns(conversationHeads, "projectId", "describedAt", "changedAt");
const TURN = writtenColumns(turns, "projectId", "bytes", "highSurrogate", "chunksAfter", "itemsAfter");

/**
 * Stores new conversations with their turns, in one transaction: all of them or none. Four statements, however many
 * they are, and those of `writeTransaction`. An id that is in use is an error of the database (23505).
 */
export async function insertConversations(
  database: Database,
  projectId: string,
  records: readonly ConversationRecord[],
): Promise<void> {
  await writeTransaction(database, projectId, async (transaction) => {
    await together([planAgain(transaction), writeConversations(transaction, projectId, records)]);
    await writeTurns(transaction, projectId, records);
    await writeRecordItems(transaction, projectId, records);
  });
}

/** Stores the conversations without their turns; answers the ids of those that were new. Two statements. */
export async function writeConversations(
  writer: Writer,
  projectId: string,
  records: readonly ConversationRecord[],
): Promise<Set<string>> {
  if (records.length === 0) return new Set();
  const rows = records.map((record) => ({ ...record, ...agentColumns(record) }));
  const added = await writer.rows<{ id: string }>(sql`
    ${insertRows(conversations, CONVERSATION, projectId, rows)} ON CONFLICT (project_id, id) DO NOTHING RETURNING new.id`);
  const ids = new Set(added.map((row) => row.id));
  writer.takeIds("conversation", [...ids]);
  writer.count(
    rows.filter(({ id }) => ids.has(id)),
    1,
  );
  const heads = records
    .filter(({ id }) => ids.has(id))
    .map((record) => ({
      ...record,
      conversationId: record.id,
      revision: record.revision ?? record.turns.length,
      turnCount: record.turns.length,
    }));
  if (heads.length > 0) await writer.rows(insertRows(conversationHeads, HEAD, projectId, heads));
  return ids;
}

/** The record's agent as the columns have it. */
export function agentColumns({ agent }: Pick<ConversationRecord, "agent">): {
  agentName: string | null;
  agentVersion: string | null;
} {
  return { agentName: agent?.name ?? null, agentVersion: agent?.version ?? null };
}

/**
 * Stores the turns of the conversations, or those that are to be written, at positions 1..n. One statement for all.
 * BAD_USER_INPUT where any replies to anything but a user turn of its conversation, of which all turns are given.
 */
export async function writeTurns(
  writer: Writer,
  projectId: string,
  records: readonly Pick<ConversationRecord, "id" | "turns">[],
  isWritten: (turn: TurnRecord) => boolean = () => true,
): Promise<void> {
  for (const record of records) checkReplies(record.turns);
  const placed = records.flatMap((record) =>
    record.turns.map((turn, index) => ({ turn, conversationId: record.id, position: index + 1 })),
  );
  const rows = placed
    .filter(({ turn }) => isWritten(turn))
    .map(({ turn, conversationId, position }) => ({
      ...turn,
      ...indexedOf(turn),
      conversationId,
      position,
      revision: turn.revision ?? position,
      ofItems: turn.ofItems ?? false,
    }));
  writer.takeIds(
    "turn",
    rows.map(({ id }) => id),
  );
  if (rows.length > 0) await writer.rows(insertRows(turns, TURN, projectId, rows));
}
