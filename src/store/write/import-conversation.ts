import { sql } from "drizzle-orm";
import { brokenRule } from "../../model/broken-rule.ts";
import { type ConversationRecord, carriesItems, type TurnRecord } from "../../model/conversation-record.ts";
import { ApiError, sqlState } from "../../model/errors.ts";
import type { Database } from "../database/client.ts";
import type { Executor } from "../database/executor.ts";
import { CONVERSATION_COLUMNS, type ConversationRow, conversationTables } from "../read/conversations.ts";
import { type TurnRow, turnColumns } from "../read/turns.ts";
import { instant } from "../sql/parameters.ts";
import { selectList } from "../sql/select-list.ts";
import { namesOf, toAssignments, writtenColumns } from "../sql/written-columns.ts";
import { conversationHeads, conversations } from "../tables/conversations.ts";
import { turns } from "../tables/turns.ts";
import { notifyChanged } from "../watch/change-feed.ts";
import { agentColumns, writeConversations, writeTurns } from "./conversation.ts";
import { nameNewTurns, nameTurns } from "./local-ids.ts";
import { type Difference, matchTurns, replaceTurns } from "./match-turns.ts";
import { allItemsText, readRecordItems, replaceRecordItems, writeRecordItems } from "./record-items.ts";
import { rewriteTurns } from "./rewrite-turns.ts";
import { takenId } from "./taken-id.ts";
import { type Writer, writeTransaction } from "./write-transaction.ts";

export interface ImportResult {
  outcome: "added" | "changed" | "unchanged";
  /** How many turns were written or changed, and the message fragments in them. */
  turns: number;
  fragments: number;
}

/**
 * Stores a conversation of a file, all of it or nothing. Identity is project and id: a known conversation gains the turns
 * that it lacks, takes over those that differ where ids say which they are, and keeps what the record leaves empty (agent,
 * metadata). A record that would mix two conversations changes nothing: the result then names the turn that differs. With
 * `replace` the record's turns replace the known ones, whatever they are.
 * CONFLICT for a conversation of another user (or of none, where the record names one), and for an id that another
 * object has; BAD_USER_INPUT for what breaks a rule between what is known and what is new.
 */
export async function importConversation(
  database: Database,
  projectId: string,
  record: ConversationRecord,
  { replace }: { replace: boolean },
): Promise<ImportResult | Difference> {
  try {
    return await writeTransaction(database, projectId, async (transaction) => {
      const added = await writeConversations(transaction, projectId, [record]);
      if (!added.has(record.id)) return await updateConversation(transaction, projectId, record, replace);
      await writeTurns(transaction, projectId, await nameNewTurns(transaction, projectId, [record]));
      await writeRecordItems(transaction, projectId, [record]);
      return wrote("added", record.turns);
    });
  } catch (error) {
    throw explainRefusal(error);
  }
}

/** What an import may change of a known conversation beside its turns. */
const DESCRIPTION = writtenColumns(
  conversations,
  "projectId",
  "id",
  "isolationKey",
  "createdAt",
  "forkedFromId",
  "forkedTurnId",
  "titleWords",
);
type Description = Pick<ConversationRow, keyof typeof DESCRIPTION>;

async function updateConversation(
  transaction: Writer,
  projectId: string,
  given: ConversationRecord,
  replace: boolean,
): Promise<ImportResult | Difference> {
  const known = await lockConversation(transaction, projectId, given);
  const knownItems = await readRecordItems(
    transaction,
    projectId,
    given.id,
    await readKnownTurns(transaction, projectId, given.id),
  );
  const knownTurns = knownItems.turns;
  const record = { ...given, turns: await nameTurns(transaction, projectId, given, knownTurns) };
  const matched = (replace ? replaceTurns : matchTurns)(knownTurns, record, known.revision);
  if ("differsFrom" in matched) return matched;
  const { turns: merged, changed } = matched;
  const isShorter = merged.length < knownTurns.length;
  const { items: ahead } = carriesItems(given) ? given : knownItems;
  const mergedItems = { id: record.id, turns: merged, ...(ahead !== undefined && { items: ahead }) };
  const hasOtherItems = allItemsText(mergedItems) !== allItemsText(knownItems);
  const description = describeChange(known, record);
  if (changed.length === 0 && !isShorter && !hasOtherItems && description === null) {
    return wrote("unchanged", []);
  }
  if (description !== null) {
    await transaction.rows(sql`
      UPDATE ${conversations} SET ${toAssignments(DESCRIPTION, description)}
      WHERE project_id = ${projectId} AND id = ${record.id}`);
    transaction.count([known], -1);
    const { agentName, agentVersion } = description;
    transaction.count([{ ...known, agentName, agentVersion }], 1);
  }
  if (changed.length > 0 || isShorter) await rewriteTurns(transaction, projectId, record.id, knownTurns, merged);
  if (hasOtherItems) await replaceRecordItems(transaction, projectId, mergedItems);
  const countsAlone = isShorter || hasOtherItems || description !== null;
  const revisions = countsAlone ? Math.max(changed.length, 1) : changed.length;
  await transaction.rows(sql`
    UPDATE ${conversationHeads} SET turn_count = ${merged.length}, revision = revision + ${revisions},
      updated_at = greatest(updated_at, ${instant(record.updatedAt)}),
      described_at = ${description === null ? sql`described_at` : sql`now()`}
    WHERE project_id = ${projectId} AND conversation_id = ${record.id}`);
  await notifyChanged(transaction, projectId, [record.id]);
  return wrote("changed", changed);
}

// Both rows, as one that is not locked would be read as it was before the wait for the other.
async function lockConversation(
  transaction: Executor,
  projectId: string,
  record: ConversationRecord,
): Promise<ConversationRow> {
  const [known] = await transaction.rows<ConversationRow>(sql`
    SELECT ${selectList(CONVERSATION_COLUMNS)}
    FROM ${conversationTables({ projectId })}
    WHERE c.project_id = ${projectId} AND c.id = ${record.id} FOR UPDATE OF h, c`);
  if (known === undefined) throw new ApiError("CONFLICT", `Conversation ${record.id} was deleted meanwhile.`);
  if (record.isolationKey !== known.isolationKey) {
    const owner = known.isolationKey === null ? "no user" : "another user";
    throw new ApiError("CONFLICT", `Conversation ${record.id} belongs to ${owner}.`, "id");
  }
  return known;
}

async function readKnownTurns(
  transaction: Executor,
  projectId: string,
  conversationId: string,
): Promise<(TurnRow & { ofItems: boolean })[]> {
  return transaction.rows<TurnRow & { ofItems: boolean }>(sql`
    SELECT 'turn' AS kind, t.id, t.of_items AS "ofItems", ${selectList(turnColumns({ projectId }))} FROM ${turns} t
    WHERE t.project_id = ${projectId} AND t.conversation_id = ${conversationId} ORDER BY t.position`);
}

/** The description with what the record says of it; null where that changes nothing. */
function describeChange(known: ConversationRow, record: ConversationRecord): Description | null {
  const names = namesOf(DESCRIPTION);
  const given: Description = { ...record, ...agentColumns(record) };
  // An agent is replaced as a whole: a name without a version is an agent that has none.
  const kept = names.filter((name) => isEmpty(given[name === "agentVersion" ? "agentName" : name]));
  const described = { ...given, ...Object.fromEntries(kept.map((name) => [name, known[name]])) };
  const isSame = names.every((name) => JSON.stringify(known[name]) === JSON.stringify(described[name]));
  return isSame ? null : described;
}

function isEmpty(value: Description[keyof Description]): boolean {
  return value === null || (typeof value === "object" && Object.keys(value).length === 0);
}

/** The result of an import that wrote these turns. */
export function wrote(outcome: ImportResult["outcome"], written: readonly TurnRecord[]): ImportResult {
  const fragments = written.reduce((sum, turn) => sum + turn.messages.length, 0);
  return { outcome, turns: written.length, fragments };
}

function explainRefusal(error: unknown): unknown {
  const state = sqlState(error) ?? "";
  if (!(error instanceof Error) || !state.startsWith("23")) return error;
  if (state !== "23505") {
    const rule = brokenRule(error).constraint ?? "a rule";
    return new ApiError("BAD_USER_INPUT", `The database refuses it: it breaks ${rule}.`, undefined, { cause: error });
  }
  return new ApiError("CONFLICT", `The id ${takenId(error) ?? ""} names another object of the project already.`, "id", {
    cause: error,
  });
}
