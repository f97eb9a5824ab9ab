import { sql } from "drizzle-orm";

import type { Slice } from "../relay/connection.ts";
import type { Page } from "../relay/page.ts";
import type { ByteReader } from "./client.ts";
import { cutSlice, isCountedOut, pageSource } from "./keyset.ts";
import { textArray } from "./parameters.ts";
import { CONVERSATION_TABLES, type ConversationFilter, conversationList, planned } from "./read-conversations.ts";
import { sortIds } from "./read-nodes.ts";
import {
  type ConversationTexts,
  conversationText,
  ID,
  parseConversation,
  parseTurn,
  type TurnsRead,
  type TurnTexts,
  turnText,
} from "./row-texts.ts";
import { isVisible, type Scope } from "./scope.ts";
import { turns } from "./tables/turns.ts";
import { readText } from "./texts.ts";

export type NodeTexts = ConversationTexts | TurnTexts;

/** As `readConversations`, as text, and each with the lists of turns. One statement, whatever the sizes of the pages. */
export async function readConversationTexts(
  reader: ByteReader,
  scope: Scope,
  filter: ConversationFilter,
  page: Page,
  lists: readonly TurnsRead[],
): Promise<Slice<ConversationTexts>> {
  const list = conversationList(scope, filter, page, sql`${conversationText(lists)} AS text`);
  const statement = sql`SELECT page.text, side.beyond FROM ${pageSource(page, list)}`;
  const found = await reader.readBytes(planned(statement, filter, isCountedOut(page, list)));
  const texts = found.map(([text]) => text).filter((text) => text != null);
  const slice = cutSlice(page, texts, found[0]?.[1]?.toString() === "t");
  return { ...slice, rows: slice.rows.map((text) => parseConversation(text, lists)) };
}

/** As `readNodes`, as text, and each conversation with the lists of turns. One statement for all of them. */
export async function readNodeTexts(
  reader: ByteReader,
  scope: Scope,
  ids: readonly string[],
  lists: readonly TurnsRead[],
): Promise<Map<string, NodeTexts>> {
  const { conversationIds, turnIds } = sortIds(ids);
  const conversations = sql`SELECT 'conversation', ${conversationText(lists)} FROM ${CONVERSATION_TABLES}
    WHERE ${isVisible(scope, "c")} AND c.id = ANY(${textArray(conversationIds)})`;
  const turnNodes = sql`SELECT 'turn', ${turnText()} FROM ${CONVERSATION_TABLES}
    JOIN ${turns} t ON t.project_id = c.project_id AND t.conversation_id = c.id
    WHERE ${isVisible(scope, "c")} AND t.id = ANY(${textArray(turnIds)})`;
  const wanted = [conversationIds.length > 0 && conversations, turnIds.length > 0 && turnNodes];
  const selects = wanted.filter((select) => select !== false);
  if (selects.length === 0) return new Map();
  const nodes = new Map<string, NodeTexts>();
  for (const [kind, text] of await reader.readBytes(sql.join(selects, sql` UNION ALL `))) {
    if (text == null) continue;
    const node = kind?.toString() === "turn" ? parseTurn(text) : parseConversation(text, lists);
    nodes.set(readText(node.texts, ID), node);
  }
  return nodes;
}
