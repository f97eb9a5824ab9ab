import type { ConversationRecord } from "../../model/conversation-record.ts";
import type { Database } from "../database/client.ts";
import { together } from "../database/together.ts";
import { writeConversations, writeTurns } from "./conversation.ts";
import { type ImportResult, wrote } from "./import-conversation.ts";
import { nameNewTurns } from "./local-ids.ts";
import { planAgain } from "./plan-again.ts";
import { writeRecordItems } from "./record-items.ts";
import { writeTransaction } from "./write-transaction.ts";

/**
 * Stores those of the conversations that are not known, all of them or nothing; answers what was written of each, by id.
 * One transaction of five statements, however many they are, and those of `writeTransaction`. The outcome is that of `importConversation` for one after the
 * other, provided that no conversation's id is another's, or names a turn of another. Throws where the database refuses one
 * of them, and where known ones lie between new ones that share a turn's id.
 */
export async function importNew(
  database: Database,
  projectId: string,
  records: readonly ConversationRecord[],
): Promise<Map<string, ImportResult>> {
  return writeTransaction(database, projectId, async (transaction) => {
    const [, ids] = await together([planAgain(transaction), writeConversations(transaction, projectId, records)]);
    const added = records.filter(({ id }) => ids.has(id));
    if (added.length === 0) return new Map();
    if (added.length < records.length && shareTurns(records)) throw new OrderMatters();
    await writeTurns(transaction, projectId, await nameNewTurns(transaction, projectId, added));
    await writeRecordItems(transaction, projectId, added);
    return new Map(added.map(({ id, turns }) => [id, wrote("added", turns)]));
  });
}

/** Thrown to roll back what was stored before a record that comes first. */
class OrderMatters extends Error {}

function shareTurns(records: readonly ConversationRecord[]): boolean {
  const ids = records.flatMap(({ turns }) => turns.map(({ id }) => id));
  return new Set(ids).size < ids.length;
}
