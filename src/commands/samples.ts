import type { ConversationRecord } from "../model/conversation-record.ts";
import { DEFAULT_PROJECT } from "../model/rules.ts";
import { SAMPLE_CONVERSATIONS } from "../seed/sample-conversations.ts";
import type { Database } from "../store/database/client.ts";
import { raiseOnceFlag } from "../store/keys/once-flags.ts";
import { hasConversations } from "../store/read/has-conversations.ts";
import { writeConversations, writeTurns } from "../store/write/conversation.ts";
import { writeTransaction } from "../store/write/write-transaction.ts";

/**
 * Stores the sample conversations in the project `default`, all or none: once in the life of a database, so that
 * deleting them is final, and only when the database has no conversations.
 */
export async function loadSamples(database: Database): Promise<void> {
  await writeTransaction(database, DEFAULT_PROJECT, async (transaction) => {
    if (!(await raiseOnceFlag(transaction, "samples")) || (await hasConversations(transaction))) return;
    const now = new Date();
    // The turn in progress counts as written to now: one that was left alone since its date would be stopped at once.
    const samples = SAMPLE_CONVERSATIONS.map((sample) => (isOpen(sample) ? { ...sample, updatedAt: now } : sample));
    await writeConversations(transaction, DEFAULT_PROJECT, samples);
    await writeTurns(transaction, DEFAULT_PROJECT, samples);
  });
}

function isOpen({ turns }: ConversationRecord): boolean {
  return turns.some(({ state }) => state === "in-progress");
}
