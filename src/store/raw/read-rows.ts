import { type SQL, sql } from "drizzle-orm";

import type { Slice } from "../../relay/connection.ts";
import type { Key } from "../../relay/ordering.ts";
import type { Page } from "../../relay/page.ts";
import type { ByteReader } from "../database/executor.ts";
import { placeholder, type Statements } from "../database/statements.ts";
import {
  type ConversationFilter,
  conversationList,
  conversationOrder,
  conversationTables,
  withListPlan,
  withUser,
} from "../read/conversations.ts";
import { lateScope } from "../read/late-scope.ts";
import { sortIds } from "../read/nodes.ts";
import { isCountedOut } from "../sql/keyset.ts";
import { textArray } from "../sql/parameters.ts";
import { isVisible, type Scope } from "../sql/scope.ts";
import { turnsFit, turnsTooLong, wholeTurnBytes } from "../sql/turn-bytes.ts";
import { turns } from "../tables/turns.ts";
import { completeLists } from "./complete-lists.ts";
import {
  type ConversationRead,
  type ConversationsRead,
  conversationPageSql,
  conversationRowSql,
  ID,
  needsHead,
  type RawConversation,
  type RawTurn,
  type TurnRead,
  turnNodeSql,
} from "./row-sql.ts";
import { splitConversation, splitConversations, splitTurn } from "./split-rows.ts";
import { readText } from "./values.ts";

export type RawNode = RawConversation | RawTurn;

/**
 * The page that `readConversations` reads, as raw rows: of each conversation what `read` says, with lists of turns of up to
 * `maxBytes` in all. One statement, whatever the sizes of the pages, and one more for each list with long turns.
 * `statements` keeps the first, and belongs to callers that always read the same columns.
 */
export async function readRawConversations(
  reader: ByteReader,
  statements: Statements,
  callerScope: Scope,
  given: ConversationFilter,
  page: Page,
  read: ConversationsRead,
  maxBytes: number,
): Promise<Slice<RawConversation>> {
  const { scope, filter } = withUser(callerScope, given);
  const shape = JSON.stringify([scope.isolationKey === null, filter, shapeOf(page), read.lists]);
  const wholeBytes = wholeTurnBytes(maxBytes, page.limit * countListed(read));
  const statement = statements(shape, { ...scope, ...keysOf(page), wholeBytes }, () => {
    const [late, asked] = [lateScope(scope), latePage(page)];
    const [key] = conversationOrder(page.ordering);
    const row = sql`${conversationRowSql(late, read, placeholder("wholeBytes"), key)} AS row`;
    const list = conversationList(late, filter, asked, row, needsHead(read.columns));
    return withListPlan(sql`SELECT ${conversationPageSql(asked, list, read)}`, filter, isCountedOut(page, list));
  });
  const [row = []] = await reader.readBytes(statement);
  const slice = splitConversations(row, page, read);
  return { ...slice, rows: await completeLists(reader, scope, slice.rows, read.lists, maxBytes) };
}

/** What is wanted of the nodes of either kind. */
export interface NodeRead {
  conversation: ConversationRead;
  turn: TurnRead;
}

/**
 * The nodes that `readNodes` reads, as raw rows by id: of each what `read` says, with lists of turns of up to `maxBytes` in
 * all. One statement for all of them, which `statements` keeps, and one more for each list with long turns. LIMIT_EXCEEDED
 * for several turns with more than `maxBytes` together.
 */
export async function readRawNodes(
  reader: ByteReader,
  statements: Statements,
  scope: Scope,
  ids: readonly string[],
  read: NodeRead,
  maxBytes: number,
): Promise<Map<string, RawNode>> {
  const { conversationIds, turnIds } = sortIds(ids);
  const wanted = { conversations: conversationIds.length > 0, turns: turnIds.length > 0 };
  const nodes = new Map<string, RawNode>();
  if (!wanted.conversations && !wanted.turns) return nodes;
  const shape = JSON.stringify([scope.isolationKey === null, wanted, read.conversation.lists]);
  const wholeBytes = wholeTurnBytes(maxBytes, conversationIds.length * countListed(read.conversation));
  const values = { ...scope, conversationIds, turnIds, wholeBytes, maxBytes };
  const statement = statements(shape, values, () => nodeStatement(lateScope(scope), wanted, read));
  for (const [kind, text] of await reader.readBytes(statement)) {
    const isTurn = kind?.toString() === "turn";
    if (text == null) throw turnsTooLong(maxBytes);
    const node = isTurn ? splitTurn(text, read.turn, read.conversation) : splitConversation(text, read.conversation);
    nodes.set(readText(node.texts, ID), node);
  }
  const conversations = conversationIds.flatMap((id) => {
    const node = nodes.get(id);
    return node?.kind === "conversation" ? [node] : [];
  });
  for (const whole of await completeLists(reader, scope, conversations, read.conversation.lists, maxBytes)) {
    nodes.set(readText(whole.texts, ID), whole);
  }
  return nodes;
}

function nodeStatement(scope: Scope, wanted: { conversations: boolean; turns: boolean }, read: NodeRead): SQL {
  const tables = conversationTables(scope, needsHead(read.conversation.columns));
  const conversations = sql`SELECT 'conversation', ${conversationRowSql(scope, read.conversation, placeholder("wholeBytes"))} FROM ${tables}
    WHERE ${isVisible(scope, "c")} AND c.id = ANY(${textArray(placeholder("conversationIds"))})`;
  const turnNodes = sql`SELECT 'turn', CASE WHEN ${turnsFit(placeholder("maxBytes"))} THEN ${turnNodeSql(scope, read.turn, read.conversation)} END FROM ${tables}
    JOIN ${turns} t ON t.project_id = ${scope.projectId} AND t.conversation_id = c.id
    WHERE ${isVisible(scope, "c")} AND t.id = ANY(${textArray(placeholder("turnIds"))})`;
  const selects = [...(wanted.conversations ? [conversations] : []), ...(wanted.turns ? [turnNodes] : [])];
  return sql.join(selects, sql` UNION ALL `);
}

/** The most turns that the lists of one conversation read: the extra one of each shows whether the list goes on. */
function countListed({ lists }: ConversationRead): number {
  return lists.reduce((sum, { page, rows }) => (rows ? sum + page.limit + 1 : sum), 0);
}

// What differs from one request to the next becomes a placeholder: the scope, and the bounds of the page.

function latePage(page: Page): Page {
  const key = (bound: Key | null, name: string): Key | null =>
    bound && [placeholder<number>(`${name}Instant`), placeholder<string>(`${name}Id`)];
  return { ...page, after: key(page.after, "after"), before: key(page.before, "before") };
}

function keysOf({ after, before }: Page) {
  return { afterInstant: after?.[0], afterId: after?.[1], beforeInstant: before?.[0], beforeId: before?.[1] };
}

function shapeOf({ after, before, ...page }: Page) {
  return { ...page, after: after !== null, before: before !== null };
}
