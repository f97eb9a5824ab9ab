import { type SQL, sql } from "drizzle-orm";
import type { ConversationRecord, TurnRecord } from "../../model/conversation-record.ts";
import type { Database } from "../database/client.ts";
import { instant } from "../sql/parameters.ts";
import { isVisible, type Scope } from "../sql/scope.ts";
import { conversationHeads, conversations } from "../tables/conversations.ts";
import { turns } from "../tables/turns.ts";

const ROWS_AT_A_TIME = 200;

type ExportRow = Omit<ConversationRecord, "agent" | "turns" | "timesMadeUp" | "turnIds"> & {
  agentName: string | null;
  agentVersion: string | null;
  /** Null for a conversation without turns. */
  turnId: string | null;
} & Omit<TurnRecord, "id" | "revision"> & { turnRevision: number };

/**
 * Every conversation of the scope with all its turns, oldest first; with `since` those that changed at that instant or
 * later. One statement, so one snapshot of the database; in memory is one conversation at a time.
 */
export async function* exportConversations(
  database: Database,
  scope: Scope,
  since: Date | null,
): AsyncGenerator<ConversationRecord> {
  let current: ConversationRecord | null = null;
  for await (const rows of database.stream<ExportRow>(exportStatement(scope, since), ROWS_AT_A_TIME)) {
    for (const row of rows) {
      if (current === null || current.id !== row.id) {
        if (current !== null) yield current;
        current = toRecord(row);
      }
      if (row.turnId !== null) current.turns.push(toTurn(row, row.turnId));
    }
  }
  if (current !== null) yield current;
}

function exportStatement(scope: Scope, since: Date | null): SQL {
  const changed = since === null ? sql`` : sql` AND h.updated_at >= ${instant(since)}`;
  return sql`
    SELECT c.id, c.isolation_key AS "isolationKey", c.created_at AS "createdAt", h.updated_at AS "updatedAt",
      c.agent_name AS "agentName", c.agent_version AS "agentVersion", c.metadata, h.revision, t.id AS "turnId",
      t.revision AS "turnRevision", t.role, t.state, t.timestamp, t.messages, t.error_detail AS "errorDetail",
      t.in_reply_to_id AS "inReplyToId"
    FROM ${conversations} c
    JOIN ${conversationHeads} h ON h.project_id = c.project_id AND h.conversation_id = c.id
    LEFT JOIN ${turns} t ON t.project_id = c.project_id AND t.conversation_id = c.id
    WHERE ${isVisible(scope, "c")}${changed}
    ORDER BY c.created_at, c.id, t.position`;
}

function toRecord(row: ExportRow): ConversationRecord {
  const { id, isolationKey, createdAt, updatedAt, agentName, agentVersion, metadata, revision } = row;
  const agent = agentName === null ? null : { name: agentName, version: agentVersion };
  const whole = { timesMadeUp: false, turnIds: "global" } as const;
  return { id, isolationKey, createdAt, updatedAt, agent, metadata, revision, ...whole, turns: [] };
}

function toTurn(row: ExportRow, id: string): TurnRecord {
  const { turnRevision: revision, role, state, timestamp, messages, errorDetail, inReplyToId } = row;
  return { id, revision, role, state, timestamp, messages, errorDetail, inReplyToId };
}
