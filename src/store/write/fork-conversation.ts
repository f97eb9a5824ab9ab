import { type SQL, sql } from "drizzle-orm";

import { UNDESCRIBED } from "../../model/conversation-record.ts";
import { ApiError, notFound } from "../../model/errors.ts";
import { newId } from "../../model/ids.ts";
import type { Database } from "../database/client.ts";
import { together } from "../database/together.ts";
import { CONVERSATION_COLUMNS, type ConversationRow, conversationTables } from "../read/conversations.ts";
import { turnColumns } from "../read/turns.ts";
import { isVisible, type Scope } from "../sql/scope.ts";
import { selectList } from "../sql/select-list.ts";
import { conversationHeads, conversations } from "../tables/conversations.ts";
import { items } from "../tables/items.ts";
import { turns } from "../tables/turns.ts";
import { writeConversations } from "./conversation.ts";
import { enterOnce, KnownKey } from "./create-conversation.ts";
import { STOP } from "./end-stale-turns.ts";
import { findFormerWrite, type Idempotency } from "./idempotency.ts";
import { foldTurn } from "./join-turn.ts";
import { lockHead } from "./lock-head.ts";
import { rewriteTurn } from "./update-turn.ts";
import { type Writer, writeTransaction } from "./write-transaction.ts";

/** What is copied of a conversation. */
export interface Fork {
  id: string;
  /** The last turn that is copied; null for all. */
  upToTurnId: string | null;
  /** The copy's metadata; null for that of the conversation. */
  metadata: Record<string, string> | null;
}

/**
 * Copies a conversation with its turns, under new ids and for the same user, and with its items, whose ids are unique within a
 * conversation only; answers the copy's id. What is said stays in the database: the cost is that of the rows. A turn in progress
 * becomes a stopped one, as nothing streams into the copy. With an idempotency key that is known already it copies nothing and answers the first call's copy. NOT_FOUND for a conversation or
 * turn that the scope does not see, CONFLICT for a key with another input.
 */
export async function forkConversation(
  database: Database,
  scope: Scope,
  fork: Fork,
  idempotency: Idempotency | null,
): Promise<string> {
  const findFormer = () => (idempotency === null ? null : findFormerWrite(database, scope, idempotency));
  const former = await findFormer();
  if (former !== null) return former.conversationId;
  return writeTransaction(database, scope.projectId, async (writer) => {
    const source = await readSource(writer, scope, fork);
    if (source.hasItems) await holdItems(writer, scope, source);
    const id = await writeCopy(writer, scope, source, fork.metadata ?? source.metadata);
    await enterOnce(writer, scope, id, idempotency);
    return id;
  }).catch(async (error: unknown) => {
    if (!(error instanceof KnownKey)) throw error;
    const entered = await findFormer();
    if (entered === null) throw new ApiError("CONFLICT", "The conversation of this key was deleted meanwhile.");
    return entered.conversationId;
  });
}

/** A conversation and the last of its turns that are copied: null for one without turns. */
type Source = ConversationRow & { turnId: string | null; position: number | null; hasItems: boolean };

async function readSource(writer: Writer, scope: Scope, { id, upToTurnId }: Fork): Promise<Source> {
  const last = upToTurnId === null ? sql`t.position = h.turn_count` : sql`t.id = ${upToTurnId}`;
  const [source] = await writer.rows<Source>(sql`
    SELECT 'conversation' AS kind, c.id, ${selectList(CONVERSATION_COLUMNS)}, t.id AS "turnId", t.position,
      EXISTS (SELECT 1 FROM ${items} i WHERE i.project_id = ${scope.projectId} AND i.conversation_id = c.id) AS "hasItems"
    FROM ${conversationTables(scope)}
    LEFT JOIN ${turns} t ON t.project_id = ${scope.projectId} AND t.conversation_id = c.id AND ${last}
    WHERE ${isVisible(scope, "c")} AND h.project_id = ${scope.projectId} AND c.id = ${id}`);
  if (source === undefined) throw notFound("conversation", "input.id");
  if (upToTurnId !== null && source.turnId === null) throw notFound("turn", "input.upToTurnId");
  return source;
}

/**
 * Keeps items from being added until the copy is written: they are copied by a statement after that of the turns. The last
 * turn is folded, as its chunks are not copied.
 */
async function holdItems(writer: Writer, scope: Scope, { id, turnId }: Source): Promise<void> {
  await lockHead(writer, scope, id);
  const [last] = await writer.rows<Parameters<typeof foldTurn>[2]>(sql`
    SELECT t.id, t.state, t.items_after AS "itemsAfter", ${turnColumns(scope).revision.sql} AS revision
    FROM ${turns} t WHERE t.project_id = ${scope.projectId} AND t.id = ${turnId}`);
  if (last !== undefined) await foldTurn(writer, scope, last, null);
}

/** Writes the copy; resolves to its id. Six statements, and two for each turn in progress. */
async function writeCopy(
  writer: Writer,
  { projectId }: Scope,
  source: Source,
  metadata: Record<string, string>,
): Promise<string> {
  const { agentName, agentVersion: version, isolationKey, turnId } = source;
  const id = newId("conversation");
  const now = new Date();
  const agent = agentName === null ? null : { name: agentName, version };
  const described = { ...UNDESCRIBED, id, createdAt: now, updatedAt: now, metadata, agent, isolationKey };
  const [, , copied] = await together([
    writeConversations(writer, projectId, [{ ...described, timesMadeUp: false, turnIds: "global", turns: [] }]),
    writer.rows(sql`
      UPDATE ${conversations} SET forked_from_id = ${source.id}, forked_turn_id = ${turnId}
      WHERE project_id = ${projectId} AND id = ${id}`),
    writer.rows<{ id: string; state: string }>(copyTurns(projectId, source, id)),
    source.hasItems ? writer.rows(copyItems(projectId, source, id)) : Promise.resolve([]),
  ]);
  await writer.rows(sql`
    UPDATE ${conversationHeads} SET turn_count = ${copied.length}, revision = ${copied.length}
    WHERE project_id = ${projectId} AND conversation_id = ${id}`);
  const open = copied.filter(({ state }) => state === "in-progress");
  for (const turn of open) await rewriteTurn(writer, { projectId, isolationKey }, turn.id, STOP);
  return id;
}

// One statement, so one snapshot: without items nothing is locked, and positions have no gaps whatever is written to the
// conversation.
function copyTurns(projectId: string, { id: sourceId, position, hasItems }: Source, id: string): SQL {
  const last = position ?? 0;
  return sql`
    INSERT INTO ${turns} AS copy (project_id, conversation_id, id, position, revision, role, state, timestamp, messages,
      error_detail, in_reply_to_id, metadata, words, called_functions, bytes, high_surrogate, of_items)
    SELECT ${projectId}, ${id}::text, ${copyId(id, sql`t.id`)}, t.position, t.position, t.role, t.state, t.timestamp,
      ${turnColumns({ projectId }).messages.sql}, t.error_detail, CASE WHEN q.id IS NOT NULL THEN ${copyId(id, sql`q.id`)} END,
      t.metadata, t.words, t.called_functions, t.bytes, t.high_surrogate, t.of_items AND ${hasItems}
    FROM ${turns} t LEFT JOIN ${turns} q ON q.project_id = ${projectId} AND q.id = t.in_reply_to_id
      AND q.conversation_id = t.conversation_id AND q.position <= ${last}
    WHERE t.project_id = ${projectId} AND t.conversation_id = ${sourceId} AND t.position <= ${last}
    ORDER BY t.position RETURNING copy.id, copy.state`;
}

function copyItems(projectId: string, { id: sourceId, position }: Source, id: string): SQL {
  return sql`
    INSERT INTO ${items} AS copy (project_id, conversation_id, position, place, id, type, call_id, fragments, bytes, item)
    SELECT ${projectId}, ${id}::text, i.position, i.place, i.id, i.type, i.call_id, i.fragments, i.bytes, i.item
    FROM ${items} i
    WHERE i.project_id = ${projectId} AND i.conversation_id = ${sourceId} AND i.position <= ${position ?? 0}`;
}

/**
 * An expression: the id of a turn in the conversation's copy with this id, from the id of the turn. Replies find each other by
 * it. It begins with the copy's time, as new ids do; the rest is as random as the copy's id.
 */
function copyId(id: string, turnId: SQL): SQL {
  const time = id.slice("conv_".length, "conv_".length + 12);
  return sql`${`turn_${time}`}::text || left(encode(sha256(convert_to(${id}::text || ' ' || ${turnId}, 'UTF8')), 'hex'), 20)`;
}
