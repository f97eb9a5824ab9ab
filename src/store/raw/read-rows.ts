import { type SQL, sql } from "drizzle-orm";

import type { Slice } from "../../relay/connection.ts";
import type { Key } from "../../relay/ordering.ts";
import type { Page } from "../../relay/page.ts";
import type { ByteReader } from "../database/executor.ts";
import { late, type Statements } from "../database/statements.ts";
import {
  type ConversationFilter,
  conversationList,
  conversationOrder,
  conversationTables,
  planned,
} from "../read/conversations.ts";
import { sortIds } from "../read/nodes.ts";
import { isCountedOut } from "../sql/keyset.ts";
import { textArray } from "../sql/parameters.ts";
import { isVisible, type Scope } from "../sql/scope.ts";
import { turns } from "../tables/turns.ts";
import {
  type ConversationRead,
  type ConversationsRead,
  type ConversationTexts,
  conversationsText,
  conversationText,
  ID,
  type TurnRead,
  type TurnTexts,
  turnText,
} from "./row-sql.ts";
import { parseConversation, parseConversations, parseTurn } from "./split-rows.ts";
import { readText } from "./values.ts";

export type NodeTexts = ConversationTexts | TurnTexts;

/**
 * As `readConversations`, as text: of each conversation what `read` says. One statement, whatever the sizes of the pages;
 * `statements` keeps it, and belongs to a caller who always asks for the same columns.
 */
export async function readConversationTexts(
  reader: ByteReader,
  statements: Statements,
  scope: Scope,
  filter: ConversationFilter,
  page: Page,
  read: ConversationsRead,
): Promise<Slice<ConversationTexts>> {
  const shape = JSON.stringify([scope.isolationKey === null, filter, shapeOf(page), read.lists]);
  const statement = statements(shape, { ...scope, ...keysOf(page) }, () => {
    const asked = latePage(page);
    const [key] = conversationOrder(page.ordering);
    const row = sql`${conversationText(read, key)} AS row`;
    const list = conversationList(lateScope(scope), filter, asked, row, isOfHead(read));
    return planned(sql`SELECT ${conversationsText(asked, list, read)}`, filter, isCountedOut(page, list));
  });
  const [row = []] = await reader.readBytes(statement);
  return parseConversations(row, page, read);
}

/** What is wanted of the nodes of either kind. */
export interface NodeRead {
  conversation: ConversationRead;
  turn: TurnRead;
}

/** As `readNodes`, as text, of each what `read` says. One statement for all of them, which `statements` keeps. */
export async function readNodeTexts(
  reader: ByteReader,
  statements: Statements,
  scope: Scope,
  ids: readonly string[],
  read: NodeRead,
): Promise<Map<string, NodeTexts>> {
  const { conversationIds, turnIds } = sortIds(ids);
  const wanted = { conversations: conversationIds.length > 0, turns: turnIds.length > 0 };
  const nodes = new Map<string, NodeTexts>();
  if (!wanted.conversations && !wanted.turns) return nodes;
  const shape = JSON.stringify([scope.isolationKey === null, wanted, read.conversation.lists]);
  const values = { ...scope, conversationIds, turnIds };
  const statement = statements(shape, values, () => nodeStatement(lateScope(scope), wanted, read));
  for (const [kind, text] of await reader.readBytes(statement)) {
    if (text == null) continue;
    const isTurn = kind?.toString() === "turn";
    const node = isTurn ? parseTurn(text, read.turn, read.conversation) : parseConversation(text, read.conversation);
    nodes.set(readText(node.texts, ID), node);
  }
  return nodes;
}

function nodeStatement(scope: Scope, wanted: { conversations: boolean; turns: boolean }, read: NodeRead): SQL {
  const tables = conversationTables(isOfHead(read.conversation));
  const conversations = sql`SELECT 'conversation', ${conversationText(read.conversation)} FROM ${tables}
    WHERE ${isVisible(scope, "c")} AND c.id = ANY(${textArray(late("conversationIds"))})`;
  const turnNodes = sql`SELECT 'turn', ${turnText(read.turn, read.conversation)} FROM ${tables}
    JOIN ${turns} t ON t.project_id = c.project_id AND t.conversation_id = c.id
    WHERE ${isVisible(scope, "c")} AND t.id = ANY(${textArray(late("turnIds"))})`;
  const selects = [...(wanted.conversations ? [conversations] : []), ...(wanted.turns ? [turnNodes] : [])];
  return sql.join(selects, sql` UNION ALL `);
}

function isOfHead({ columns }: ConversationRead): boolean {
  return columns.includes("updatedAt") || columns.includes("turnCount");
}

// What differs from one request to the next: who asks, and where his page begins and ends.

function lateScope({ isolationKey }: Scope): Scope {
  return { projectId: late("projectId"), isolationKey: isolationKey === null ? null : late("isolationKey") };
}

function latePage(page: Page): Page {
  const key = (bound: Key | null, name: string): Key | null => bound && [late(`${name}Instant`), late(`${name}Id`)];
  return { ...page, after: key(page.after, "after"), before: key(page.before, "before") };
}

function keysOf({ after, before }: Page) {
  return { afterInstant: after?.[0], afterId: after?.[1], beforeInstant: before?.[0], beforeId: before?.[1] };
}

function shapeOf({ after, before, ...page }: Page) {
  return { ...page, after: after !== null, before: before !== null };
}
