import { sql } from "drizzle-orm";

import { calledIds, itemsToTurns } from "../../items/items-to-turns.ts";
import { parseItem } from "../../items/take-items.ts";
import { ApiError } from "../../model/errors.ts";
import type { Database } from "../database/client.ts";
import { type FoundItem, findItems, itemsOfTurn, readItemsAt, readKnownCalls } from "../read/find-items.ts";
import { type TurnRow, turnColumns } from "../read/turns.ts";
import { instant } from "../sql/parameters.ts";
import type { Scope } from "../sql/scope.ts";
import { selectList } from "../sql/select-list.ts";
import { conversationHeads } from "../tables/conversations.ts";
import { items } from "../tables/items.ts";
import { turns } from "../tables/turns.ts";
import { fitItems } from "./fit-items.ts";
import { UnknownItem } from "./item-errors.ts";
import { insertItems, makeRoom } from "./item-rows.ts";
import { replaceMessages } from "./join-turn.ts";
import { type LockedHead, lockHead } from "./lock-head.ts";
import { removeEmptyTurns } from "./remove-empty-turns.ts";
import { type Writer, writeTransaction } from "./write-transaction.ts";

/**
 * Deletes the item, and what its turn says by it. A last turn that is left without items goes, and one before it that was
 * left so earlier; any other stays, empty. Costs what the turn has said. NOT_FOUND for a conversation that the scope does not
 * see; UnknownItem for an item that it lacks; CONFLICT for an item of a turn in progress.
 */
export async function deleteItem(database: Database, scope: Scope, conversationId: string, id: string): Promise<void> {
  await writeTransaction(database, scope.projectId, async (writer) => {
    const head = await lockHead(writer, scope, conversationId);
    const item = (await findItems(writer, scope, conversationId, [id])).get(id);
    if (item === undefined) throw new UnknownItem(id);
    if (item.turn !== undefined) await takeFromWritten(writer, scope, head, item, item.turn);
    else await takeFromItems(writer, scope, head, item);
    const { turnCount, revision } = await removeEmptyTurns(writer, scope, { ...head, revision: head.revision + 1 });
    await writer.rows(sql`
      UPDATE ${conversationHeads} SET turn_count = ${turnCount}, revision = ${revision},
        updated_at = greatest(updated_at, ${instant(new Date())})
      WHERE project_id = ${scope.projectId} AND conversation_id = ${conversationId}`);
  });
}

/** Makes the turn again of the items that are left to it. */
async function takeFromItems(
  writer: Writer,
  scope: Scope,
  { conversationId, revision }: LockedHead,
  { id, position, fragments }: FoundItem,
): Promise<void> {
  const { projectId } = scope;
  await writer.rows(sql`
    DELETE FROM ${items} WHERE project_id = ${projectId} AND conversation_id = ${conversationId} AND id = ${id}`);
  if (fragments === null) return;
  const left = (await readItemsAt(writer, scope, conversationId, position)).map(({ json }) => parseItem(json));
  const known = await readKnownCalls(writer, scope, conversationId, calledIds(left));
  const before = known.filter((call) => call.position < position);
  const [turn] = fitItems(itemsToTurns(left, null, before), 0).begun;
  const of = await readTurn(writer, scope, conversationId, position);
  await replaceMessages(writer, scope, of.id, {
    revision: revision + 1,
    state: turn?.state ?? of.state,
    messages: turn?.messages ?? [],
  });
}

/** Makes a turn that was written otherwise one of its items, without the one: so those that are left keep their ids. */
async function takeFromWritten(
  writer: Writer,
  scope: Scope,
  { conversationId, revision }: LockedHead,
  { place, position }: FoundItem,
  turn: TurnRow,
): Promise<void> {
  if (turn.state === "in-progress") {
    throw new ApiError("CONFLICT", "The turn of this item is still in progress.", "item");
  }
  const all = itemsOfTurn(turn);
  const counts = all.map(({ fragments }) => fragments ?? 0);
  const from = counts.slice(0, place).reduce((sum, count) => sum + count, 0);
  const left = all.filter((item) => item.place !== place);
  const messages = turn.messages.toSpliced(from, counts[place] ?? 0);
  await replaceMessages(writer, scope, turn.id, { revision: revision + 1, state: turn.state, messages });
  await makeRoom(writer, scope, conversationId, position, left.length);
  const rows = left.map(({ json, fragments }) => ({ item: parseItem(json), position, fragments }));
  await insertItems(writer, scope, conversationId, rows);
}

async function readTurn(
  writer: Writer,
  { projectId }: Scope,
  conversationId: string,
  position: number,
): Promise<TurnRow> {
  const [turn] = await writer.rows<TurnRow>(sql`
    SELECT 'turn' AS kind, t.id, ${selectList(turnColumns({ projectId }))} FROM ${turns} t
    WHERE t.project_id = ${projectId} AND t.conversation_id = ${conversationId} AND t.position = ${position}`);
  if (turn === undefined) throw new Error("The turn of an item disappeared.");
  return turn;
}
