import { sql } from "drizzle-orm";
import type { Item } from "../../items/item.ts";
import { calledIds, itemsToTurns } from "../../items/items-to-turns.ts";
import { newId } from "../../model/ids.ts";
import type { Executor } from "../database/executor.ts";
import { together } from "../database/together.ts";
import { readKnownCalls } from "../read/find-items.ts";
import { currentRevision } from "../read/open-text.ts";
import { instant } from "../sql/parameters.ts";
import type { Scope } from "../sql/scope.ts";
import { turnBytes } from "../sql/turn-bytes.ts";
import { insertRows, writtenColumns } from "../sql/written-columns.ts";
import { conversationHeads } from "../tables/conversations.ts";
import { items as itemsTable } from "../tables/items.ts";
import { turnChunks } from "../tables/turn-chunks.ts";
import { turns } from "../tables/turns.ts";
import { type FittedTurn, fitItems } from "./fit-items.ts";
import { insertItems, portionOf } from "./item-rows.ts";
import { foldTurn, joinTurn, type LastTurn } from "./join-turn.ts";
import type { LockedHead } from "./lock-head.ts";
import { indexedOf } from "./turn-content.ts";

/** What stands at the end of a conversation. */
interface End {
  /** The last turn; null where there is none. */
  last: LastTurn | null;
  /** The place of the last item that stands with it, or ahead of the first turn; null for none. */
  lastPlace: number | null;
  /** The last user turn; null for none. */
  question: string | null;
}

const TURN = writtenColumns(turns, "projectId", "bytes", "highSurrogate", "chunksAfter", "itemsAfter");

/**
 * Appends the items, with the turns that they begin and what they add to the last one. Costs what is new, and what the last
 * turn has said where its chunks are folded. Up to nine statements, in a few portions.
 */
export async function writeItems(
  writer: Executor,
  scope: Scope,
  head: LockedHead,
  items: readonly Item[],
): Promise<void> {
  const { conversationId, revision, turnCount } = head;
  const [{ last, lastPlace, question }, known] = await together([
    readEnd(writer, scope, head),
    readKnownCalls(writer, scope, conversationId, calledIds(items)),
  ]);
  const projection = itemsToTurns(items, last && { ...last, position: turnCount }, known);
  const { joined, begun, placed } = fitItems(projection, last === null ? 0 : last.bytes + last.unfoldedBytes);
  const firstRevision = revision + (joined === null ? 1 : 2);
  const addition = joined && { ...joined, conversationId, revision: revision + 1 };
  const rows = placed.map(({ item, turn, fragments }) => ({ item, position: turnCount + turn, fragments }));
  const now = new Date();
  await together([
    writer.rows(sql`
      UPDATE ${conversationHeads} SET turn_count = ${turnCount + begun.length},
        revision = ${Math.max(firstRevision - 1 + begun.length, revision + 1)}, updated_at = greatest(updated_at, ${instant(now)})
      WHERE project_id = ${scope.projectId} AND conversation_id = ${conversationId}`),
    insertItems(writer, scope, conversationId, rows, new Map(lastPlace === null ? [] : [[turnCount, lastPlace]])),
    ...(begun.length === 0 ? [] : [insertTurns(writer, scope, head, begun, question, firstRevision, now)]),
    ...(last === null ? [] : [changeLast(writer, scope, last, addition, begun.length > 0)]),
  ]);
}

/** Adds to the last turn. One that others follow has its chunks folded: reads need not look for any. */
async function changeLast(
  writer: Executor,
  scope: Scope,
  last: LastTurn,
  addition: Parameters<typeof foldTurn>[3],
  ends: boolean,
): Promise<void> {
  if (ends) await foldTurn(writer, scope, last, addition);
  else if (addition !== null) await joinTurn(writer, scope, last, addition);
}

/** The end of the locked conversation. One statement. */
async function readEnd(
  writer: Executor,
  { projectId }: Scope,
  { conversationId, turnCount }: LockedHead,
): Promise<End> {
  const ofConversation = (alias: string) =>
    sql`${sql.raw(alias)}.project_id = ${projectId} AND ${sql.raw(alias)}.conversation_id = ${conversationId}`;
  const [end] = await writer.rows<(LastTurn | { id: null }) & Omit<End, "last">>(sql`
    SELECT t.id, t.role, t.state, t.of_items AS "ofItems", t.items_after AS "itemsAfter", ${currentRevision(projectId)} AS revision,
      coalesce(t.bytes, octet_length(t.messages::text)) AS bytes, coalesce((
        SELECT k.unfolded_bytes FROM ${turnChunks} k WHERE k.project_id = ${projectId} AND k.turn_id = t.id
        ORDER BY k.revision DESC LIMIT 1
      ), 0) AS "unfoldedBytes",
      (SELECT max(i.place) FROM ${itemsTable} i WHERE ${ofConversation("i")} AND i.position = ${turnCount}) AS "lastPlace",
      (SELECT q.id FROM ${turns} q WHERE ${ofConversation("q")} AND q.role = 'user' ORDER BY q.position DESC LIMIT 1) AS question
    FROM (SELECT 1 AS one) AS one LEFT JOIN ${turns} t ON ${ofConversation("t")} AND t.position = ${turnCount}`);
  const { lastPlace = null, question = null } = end ?? {};
  return { last: end === undefined || end.id === null ? null : end, lastPlace, question };
}

async function insertTurns(
  writer: Executor,
  { projectId }: Scope,
  { conversationId, turnCount }: LockedHead,
  begun: readonly FittedTurn[],
  asked: string | null,
  firstRevision: number,
  timestamp: Date,
): Promise<void> {
  let question = asked;
  const rows = begun.map(({ role, state: given, messages }, index) => {
    const id = newId("turn");
    const inReplyToId = role === "assistant" ? question : null;
    if (role === "user") question = id;
    const state = given ?? "done";
    const position = turnCount + index + 1;
    const content = { role, state, messages, timestamp, metadata: {}, errorDetail: null, inReplyToId, ofItems: true };
    return { id, conversationId, position, revision: firstRevision + index, ...content, ...indexedOf(content) };
  });
  // Their words are taken out as they are stored, which for a long body takes longer than a statement may.
  const portions = Map.groupBy(
    rows,
    portionOf(({ messages }) => turnBytes(messages, null)),
  );
  await together([...portions.values()].map((portion) => writer.rows(insertRows(turns, TURN, projectId, portion))));
}
