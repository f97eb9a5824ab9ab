import { type SQL, sql } from "drizzle-orm";
import type { ConversationRecord, ItemRecord, TurnRecord } from "../../model/conversation-record.ts";
import type { Database } from "../database/client.ts";
import { instant } from "../sql/parameters.ts";
import { isVisible, type Scope } from "../sql/scope.ts";
import { selectedValues, selectList } from "../sql/select-list.ts";
import { items } from "../tables/items.ts";
import { turns } from "../tables/turns.ts";
import { CONVERSATION_COLUMNS as ALL_COLUMNS, type ConversationRow, conversationTables } from "./conversations.ts";
import { turnColumns } from "./turns.ts";

const ROWS_AT_A_TIME = 200;

// Where a copy came from means nothing in another database.
const { forkedFromId: _from, forkedTurnId: _turn, ...CONVERSATION_COLUMNS } = ALL_COLUMNS;
// Both entities have a `revision`.
const PREFIX = "turn.";

type ExportRow = Omit<ConversationRow, "forkedFromId" | "forkedTurnId"> & {
  turnId: string | null;
  ofItems: boolean | null;
  items: ItemRecord[] | null;
  itemsAhead: ItemRecord[] | null;
};

/**
 * Every conversation of the scope with all its turns, oldest first; with `since` those of which a turn, or the metadata,
 * changed at that instant or later. One statement, so one snapshot of the database; in memory is one conversation at a time.
 */
export async function* exportConversations(
  database: Database,
  scope: Scope,
  since: Date | null,
): AsyncGenerator<ConversationRecord> {
  let current: ConversationRecord | null = null;
  const { conversationId: _conversation, position: _position, ...turn } = turnColumns(scope);
  const statement = exportStatement(scope, since, selectList(turn, { prefix: PREFIX }));
  for await (const rows of database.stream<ExportRow>(statement, ROWS_AT_A_TIME)) {
    for (const row of rows) {
      if (current === null || current.id !== row.id) {
        if (current !== null) yield current;
        current = toRecord(row);
      }
      if (row.turnId !== null) current.turns.push(toTurn(row, row.turnId, selectedValues(turn, row, PREFIX)));
    }
  }
  if (current !== null) yield current;
}

function exportStatement(scope: Scope, since: Date | null, turn: SQL): SQL {
  const changed = since === null ? sql`` : sql` AND greatest(h.updated_at, h.described_at) >= ${instant(since)}`;
  return sql`
    SELECT c.id, ${selectList(CONVERSATION_COLUMNS)},
      t.id AS "turnId", ${turn}, t.of_items AS "ofItems",
      ${itemsAt(scope, sql`t.position`)} AS items,
      CASE WHEN coalesce(t.position, 1) = 1 THEN ${itemsAt(scope, sql`0`)} END AS "itemsAhead"
    FROM ${conversationTables(scope)}
    LEFT JOIN ${turns} t ON t.project_id = ${scope.projectId} AND t.conversation_id = c.id
    WHERE ${isVisible(scope, "c")}${changed}
    ORDER BY c.created_at, c.id, t.position`;
}

/** An expression: the items of the conversation `c` at the position, in order; null for none. */
function itemsAt({ projectId }: Scope, position: SQL): SQL {
  return sql`(SELECT json_agg(json_build_object('json', i.item::text, 'fragments', i.fragments) ORDER BY i.place) FROM ${items} i
    WHERE i.project_id = ${projectId} AND i.conversation_id = c.id AND i.position = ${position})`;
}

function toTurn({ ofItems, items: found }: ExportRow, id: string, values: Omit<TurnRecord, "id">): TurnRecord {
  const ofTurn = { ...(ofItems === true && { ofItems }), ...(found !== null && { items: found }) };
  return { id, ...values, ...ofTurn };
}

function toRecord(row: ExportRow): ConversationRecord {
  const { id } = row;
  const { agentName, agentVersion, turnCount: _turnCount, ...columns } = selectedValues(CONVERSATION_COLUMNS, row);
  const agent = agentName === null ? null : { name: agentName, version: agentVersion };
  const ahead = row.itemsAhead === null ? {} : { items: row.itemsAhead };
  return { id, ...columns, agent, timesMadeUp: false, turnIds: "global", turns: [], ...ahead };
}
