import { sql } from "drizzle-orm";

import { endByBytes } from "../../relay/end-by-bytes.ts";
import type { ByteReader } from "../database/executor.ts";
import { conversationTables } from "../read/conversations.ts";
import { textArray } from "../sql/parameters.ts";
import { isVisible, type Scope } from "../sql/scope.ts";
import { turns } from "../tables/turns.ts";
import {
  ID,
  type ListedTurn,
  type RawConversation,
  type RawTurnList,
  type TurnRead,
  type TurnsRead,
  turnRowText,
} from "./row-sql.ts";
import { parseTurnRow } from "./split-rows.ts";
import { type RawValues, readText } from "./values.ts";

/**
 * The conversations with their lists of turns as they are shown: each list of `reads`, over all conversations, held to
 * `maxBytes`, and long turns with what did not come with their list. One statement for each list that has such turns.
 */
export async function completeLists(
  reader: ByteReader,
  scope: Scope,
  conversations: RawConversation[],
  reads: readonly TurnsRead[],
  maxBytes: number,
): Promise<RawConversation[]> {
  if (reads.length === 0) return conversations;
  const completed = await Promise.all(
    reads.map((read, at) => {
      const lists = conversations.flatMap((conversation) => conversation.lists[at] ?? []);
      return readLong(reader, scope, endByBytes<ListedTurn, RawTurnList>(read.page, lists, maxBytes), read);
    }),
  );
  return conversations.map((conversation, index) => ({
    ...conversation,
    lists: completed.flatMap((lists) => lists[index] ?? []),
  }));
}

async function readLong(
  reader: ByteReader,
  scope: Scope,
  lists: readonly RawTurnList[],
  read: TurnRead,
): Promise<readonly RawTurnList[]> {
  const ids = lists.flatMap(({ rows }) => rows.flatMap((turn) => (turn.isLong ? [readText(turn.texts, ID)] : [])));
  if (ids.length === 0) return lists;
  const found = await readTurnRows(reader, scope, ids, read);
  // A turn that was deleted since it was listed is left out.
  const complete = (turn: ListedTurn): ListedTurn[] => {
    if (!turn.isLong) return [turn];
    const texts = found.get(readText(turn.texts, ID));
    return texts === undefined ? [] : [{ ...turn, texts, isLong: false }];
  };
  return lists.map((list) => ({ ...list, rows: list.rows.flatMap(complete) }));
}

async function readTurnRows(
  reader: ByteReader,
  scope: Scope,
  ids: readonly string[],
  read: TurnRead,
): Promise<Map<string, RawValues>> {
  const rows = await reader.readBytes(sql`
    SELECT ${turnRowText(scope, read)} FROM ${conversationTables(scope, false)}
    JOIN ${turns} t ON t.project_id = ${scope.projectId} AND t.conversation_id = c.id
    WHERE ${isVisible(scope, "c")} AND t.id = ANY(${textArray(ids)})`);
  const found = new Map<string, RawValues>();
  for (const [text] of rows) {
    if (text == null) continue;
    const texts = parseTurnRow(text, read);
    found.set(readText(texts, ID), texts);
  }
  return found;
}
