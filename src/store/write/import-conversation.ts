import { sql } from "drizzle-orm";
import type { ConversationRecord, TurnRecord } from "../../model/conversation-record.ts";
import { ApiError, sqlState } from "../../model/errors.ts";
import type { Database } from "../database/client.ts";
import type { Executor } from "../database/executor.ts";
import { TURN_COLUMNS, type TurnRow } from "../read/turns.ts";
import { instant, json } from "../sql/parameters.ts";
import { selectList } from "../sql/select-list.ts";
import { conversationHeads, conversations } from "../tables/conversations.ts";
import { turns } from "../tables/turns.ts";
import { notifyChanged } from "../watch/change-feed.ts";
import { writeConversations, writeTurns } from "./conversation.ts";

export interface ImportResult {
  outcome: "added" | "changed" | "unchanged";
  /** How many turns were written or changed, and the message fragments in them. */
  turns: number;
  fragments: number;
}

/**
 * Takes a conversation in, all of it or nothing. Identity is project and id: a known conversation gains the turns that
 * it lacks and takes over those that differ, and what the record leaves empty (agent, metadata) stays as it is.
 * CONFLICT for a conversation of another user (or of none, where the record names one), and for an id that another
 * object has; BAD_USER_INPUT for what breaks a rule between what is known and what is new.
 */
export async function importConversation(
  database: Database,
  projectId: string,
  record: ConversationRecord,
): Promise<ImportResult> {
  try {
    return await database.transaction(async (transaction) => {
      const added = await writeConversations(transaction, projectId, [record]);
      if (!added.has(record.id)) return await updateConversation(transaction, projectId, record);
      await writeTurns(transaction, projectId, [record]);
      return { outcome: "added", ...count(record.turns) };
    });
  } catch (error) {
    throw explainRefusal(error);
  }
}

interface KnownConversation {
  isolation_key: string | null;
  agent_name: string | null;
  agent_version: string | null;
  metadata: Record<string, string>;
  revision: number;
}

async function updateConversation(
  transaction: Executor,
  projectId: string,
  record: ConversationRecord,
): Promise<ImportResult> {
  const known = await lockConversation(transaction, projectId, record);
  const knownTurns = await readKnownTurns(transaction, projectId, record.id);
  const changed = changedTurns(knownTurns, record);
  const description = describeChange(known, record);
  if (changed.length === 0 && description === null) return { outcome: "unchanged", turns: 0, fragments: 0 };
  if (description !== null) {
    await transaction.rows(sql`
      UPDATE ${conversations} SET agent_name = ${description.agent?.name ?? null},
        agent_version = ${description.agent?.version ?? null}, metadata = ${json(description.metadata)}
      WHERE project_id = ${projectId} AND id = ${record.id}`);
  }
  const merged = mergeTurns(knownTurns, changed, known.revision);
  if (changed.length > 0) {
    await transaction.rows(
      sql`DELETE FROM ${turns} WHERE project_id = ${projectId} AND conversation_id = ${record.id}`,
    );
    await writeTurns(transaction, projectId, [{ id: record.id, turns: merged }]);
  }
  await transaction.rows(sql`
    UPDATE ${conversationHeads} SET turn_count = ${merged.length}, revision = revision + ${changed.length},
      updated_at = greatest(updated_at, ${instant(record.updatedAt)})
    WHERE project_id = ${projectId} AND conversation_id = ${record.id}`);
  await notifyChanged(transaction, projectId, [record.id]);
  return { outcome: "changed", ...count(changed.map(({ turn }) => turn)) };
}

async function lockConversation(
  transaction: Executor,
  projectId: string,
  record: ConversationRecord,
): Promise<KnownConversation> {
  const [known] = await transaction.rows<KnownConversation>(sql`
    SELECT c.isolation_key, c.agent_name, c.agent_version, c.metadata, h.revision
    FROM ${conversations} c JOIN ${conversationHeads} h ON h.project_id = c.project_id AND h.conversation_id = c.id
    WHERE c.project_id = ${projectId} AND c.id = ${record.id} FOR UPDATE OF h`);
  if (known === undefined) throw new ApiError("CONFLICT", `Conversation ${record.id} was deleted meanwhile.`);
  if (record.isolationKey !== known.isolation_key) {
    const owner = known.isolation_key === null ? "no user" : "another user";
    throw new ApiError("CONFLICT", `Conversation ${record.id} belongs to ${owner}.`, "id");
  }
  return known;
}

async function readKnownTurns(transaction: Executor, projectId: string, conversationId: string): Promise<TurnRow[]> {
  return transaction.rows<TurnRow>(sql`
    SELECT 'turn' AS kind, t.id, ${selectList(TURN_COLUMNS)} FROM ${turns} t
    WHERE t.project_id = ${projectId} AND t.conversation_id = ${conversationId} ORDER BY t.position`);
}

interface ChangedTurn {
  turn: TurnRecord;
  /** The id of the turn that precedes this one in the file; null for the file's first. */
  previousId: string | null;
}

function changedTurns(knownTurns: readonly TurnRow[], record: ConversationRecord): ChangedTurn[] {
  const known = new Map(knownTurns.map((turn) => [turn.id, turn]));
  return record.turns.flatMap((turn, index) => {
    const old = known.get(turn.id);
    const timestamp = old !== undefined && record.timesMadeUp ? old.timestamp : turn.timestamp;
    const proposed = { ...turn, timestamp };
    if (old !== undefined && content(old) === content(proposed)) return [];
    return [{ turn: proposed, previousId: record.turns[index - 1]?.id ?? null }];
  });
}

function content(turn: TurnRecord): string {
  const { role, state, timestamp, messages, errorDetail, inReplyToId } = turn;
  return JSON.stringify([role, state, timestamp, messages, errorDetail, inReplyToId]);
}

/** The known turns with the changed ones in their places and each new one after its predecessor in the file. */
function mergeTurns(known: readonly TurnRow[], changed: readonly ChangedTurn[], revision: number): TurnRecord[] {
  const merged: TurnRecord[] = [...known];
  for (const [index, { turn, previousId }] of changed.entries()) {
    const next = { ...turn, revision: revision + index + 1 };
    const at = merged.findIndex(({ id }) => id === turn.id);
    if (at >= 0) merged[at] = next;
    else merged.splice(merged.findIndex(({ id }) => id === previousId) + 1, 0, next);
  }
  return merged;
}

function describeChange(
  known: KnownConversation,
  record: ConversationRecord,
): Pick<ConversationRecord, "agent" | "metadata"> | null {
  const before = {
    agent: known.agent_name === null ? null : { name: known.agent_name, version: known.agent_version },
    metadata: known.metadata,
  };
  const after = {
    agent: record.agent ?? before.agent,
    metadata: Object.keys(record.metadata).length === 0 ? before.metadata : record.metadata,
  };
  return JSON.stringify(before) === JSON.stringify(after) ? null : after;
}

function count(written: readonly TurnRecord[]): { turns: number; fragments: number } {
  return { turns: written.length, fragments: written.reduce((sum, turn) => sum + turn.messages.length, 0) };
}

// PostgreSQL names the key that is taken only in the error's detail: "Key (project_id, id)=(default, t1) already exists."
function explainRefusal(error: unknown): unknown {
  const state = sqlState(error) ?? "";
  if (!(error instanceof Error) || !state.startsWith("23")) return error;
  if (state !== "23505") {
    const rule = "constraint_name" in error ? String(error.constraint_name) : "a rule";
    return new ApiError("BAD_USER_INPUT", `The database refuses it: it breaks ${rule}.`, undefined, { cause: error });
  }
  const id = "detail" in error ? /=\([^,]*, (.*)\) already exists/.exec(String(error.detail))?.[1] : undefined;
  return new ApiError("CONFLICT", `The id ${id ?? ""} names another object of the project already.`, "id", {
    cause: error,
  });
}
