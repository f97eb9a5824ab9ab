import { type SQL, sql } from "drizzle-orm";

import type { Database } from "../database/client.ts";
import type { Requester } from "../database/requester.ts";
import { withCustomPlan } from "../database/send.ts";
import {
  CONVERSATION_COLUMNS,
  type ConversationFilter,
  type ConversationRow,
  fitsFilter,
  fixedPart,
} from "../read/conversations.ts";
import { unfinishedTurns } from "../read/search.ts";
import { type TurnRead, turnColumns } from "../read/turns.ts";
import { toMilliseconds } from "../sql/instants.ts";
import { instant, textArray } from "../sql/parameters.ts";
import { isVisible, type Scope } from "../sql/scope.ts";
import { selectedValues, selectList } from "../sql/select-list.ts";
import { conversationHeads, conversations } from "../tables/conversations.ts";
import { deletedConversations } from "../tables/deleted-conversations.ts";
import { turnChunks } from "../tables/turn-chunks.ts";
import { turns } from "../tables/turns.ts";
import { UNSETTLED_MS } from "./list-position.ts";

/** The most conversations of one read: each may bring a turn of two megabytes. */
export const STATES_PER_READ = 20;

/**
 * How a filter takes a conversation: it fits; it does not and may have; it does not and never will, by what is fixed when a
 * conversation is created.
 */
export type Fit = "fits" | "left" | "never";

/** The last state of a conversation that changed. Shared among watchers: never changed. */
export interface ConversationState {
  id: string;
  isolationKey: string | null;
  /** By the database's clock, in milliseconds since 1970. */
  changedAt: number;
  /** null for a conversation that is gone. */
  conversation: ConversationRow | null;
  /** The turn of the last change; null where that was none of a turn. */
  turn: TurnRead | null;
  /** By the names of the filters that were asked for. Of a conversation that is gone it says nothing. */
  fits: ReadonlyMap<string, Fit>;
  /** When it was read, by the database's clock. */
  readAt: number;
}

/** What is wanted of the states. */
interface Wanted {
  scope: Scope;
  filters: ReadonlyMap<string, ConversationFilter>;
  withMessages: boolean;
}

/** The states of these conversations of the scope, of those deleted in the last day too. One statement. */
export async function readStates(
  database: Database,
  wanted: Wanted,
  ids: readonly string[],
): Promise<ConversationState[]> {
  const { scope } = wanted;
  const named = sql`h.conversation_id = ANY(${textArray(ids)})`;
  return read(database, wanted, sql`${headsOf(scope, named)} UNION ALL ${deletedOf(scope, named)}`);
}

/** A place among what changed. */
export interface ChangePlace {
  changedAt: number;
  id: string;
}

/**
 * The first states of what changed in the scope after the place, in the order of the changes; `STATES_PER_READ` of them, or all
 * that there are. One statement.
 */
export async function readStatesAfter(
  database: Database,
  wanted: Wanted,
  { changedAt, id }: ChangePlace,
  requester: Requester,
): Promise<ConversationState[]> {
  const { scope } = wanted;
  // A user's changes are looked for among the user's own conversations: what the index of all costs would show how often others
  // write.
  const own = scope.isolationKey === null ? sql`` : sql` + interval '0'`;
  const after = (at: SQL) => sql`(${at}${own}, h.conversation_id) > (${instant(changedAt)}, ${id}::text)`;
  const changed = sql`
    SELECT * FROM (${headsOf(scope, after(sql`h.changed_at`))} UNION ALL ${deletedOf(scope, after(sql`h.deleted_at`))}) AS all_changed
    ORDER BY at, id LIMIT ${STATES_PER_READ}`;
  return read(database, wanted, changed, requester);
}

/** A conversation that changed, and when. */
export interface ChangedId extends ChangePlace {
  isolationKey: string | null;
  /** null for one that is gone. */
  revision: number | null;
}

const IDS_PER_READ = 1000;

/**
 * What changed in the project since the instant, or may still settle where that is null, in order; up to a thousand at a time. A
 * statement for each thousand.
 */
export async function* readChangedIds(
  database: Database,
  projectId: string,
  since: number | null,
): AsyncGenerator<{ readAt: number; changed: readonly ChangedId[] }> {
  const scope: Scope = { projectId, isolationKey: null };
  const lately = sql`now() - make_interval(secs => ${UNSETTLED_MS / 1000})`;
  let start = sql`(${since === null ? lately : instant(since)}, '')`;
  for (;;) {
    const after = (at: SQL) => sql`(${at}, h.conversation_id) > ${start}`;
    const rows = await database.read<(ChangedIdRow | { id: null }) & { readAt: Date }>(sql`
      SELECT ${toMilliseconds(sql`now()`)} AS "readAt", changed.id, changed."isolationKey", changed.revision,
        ${toMilliseconds(sql`changed.at`)} AS at FROM (SELECT 1) AS one LEFT JOIN LATERAL (
        SELECT * FROM (${headsOf(scope, after(sql`h.changed_at`))} UNION ALL ${deletedOf(scope, after(sql`h.deleted_at`))}) AS all_changed
        ORDER BY at, id LIMIT ${IDS_PER_READ}
      ) AS changed ON true ORDER BY changed.at, changed.id`);
    const changed = rows.filter((row): row is ChangedIdRow & { readAt: Date } => row.id !== null);
    const toChanged = ({ id, isolationKey, revision, at }: ChangedIdRow): ChangedId => {
      return { id, isolationKey, revision, changedAt: at.getTime() };
    };
    yield { readAt: rows[0]?.readAt.getTime() ?? 0, changed: changed.map(toChanged) };
    const last = changed[IDS_PER_READ - 1];
    if (last === undefined) return;
    start = sql`(${instant(last.at)}, ${last.id}::text)`;
  }
}

interface ChangedIdRow {
  id: string;
  isolationKey: string | null;
  revision: number | null;
  at: Date;
}

function headsOf(scope: Scope, condition: SQL): SQL {
  return sql`(SELECT h.conversation_id AS id, h.isolation_key AS "isolationKey", h.changed_at AS at, h.revision
    FROM ${conversationHeads} h WHERE ${isVisible(scope, "h")} AND ${condition})`;
}

/** The conversations that are gone. One that has come again under its id is not. */
function deletedOf(scope: Scope, condition: SQL): SQL {
  return sql`(SELECT h.conversation_id, h.isolation_key, h.deleted_at, NULL FROM ${deletedConversations} h
    WHERE ${isVisible(scope, "h")} AND ${condition} AND NOT EXISTS (
      SELECT 1 FROM ${conversationHeads} again
      WHERE again.project_id = ${scope.projectId} AND again.conversation_id = h.conversation_id))`;
}

const PREFIX = "turn.";

type StateRow = ConversationRow & {
  changedId: string;
  changedUser: string | null;
  at: Date;
  turnId: string | null;
  fits: string;
  readAt: Date;
};

async function read(
  database: Database,
  { scope, filters, withMessages }: Wanted,
  changed: SQL,
  requester?: Requester,
): Promise<ConversationState[]> {
  const { projectId } = scope;
  const columns = {
    ...turnColumns(scope),
    revision: { sql: sql`h.revision` },
    ...(!withMessages && { messages: { sql: sql`NULL::json` } }),
  };
  const ofConversation = sql`t.project_id = ${projectId} AND t.conversation_id = c.id`;
  const statement = sql`
    WITH changed AS MATERIALIZED (${changed}),
    unfinished AS MATERIALIZED (${unfinishedTurns(scope, sql`t.conversation_id IN (SELECT id FROM changed)`)})
    SELECT changed.id AS "changedId", changed."isolationKey" AS "changedUser",
      ${toMilliseconds(sql`changed.at`)} AS at, ${toMilliseconds(sql`now()`)} AS "readAt",
      'conversation' AS kind, c.id, ${selectList(CONVERSATION_COLUMNS)},
      t.id AS "turnId", ${selectList(columns, { prefix: PREFIX })},
      ${sql.join([sql`''`, ...[...filters.values()].map((filter) => fitOf(scope, filter))], sql` || `)} AS fits
    FROM changed
    LEFT JOIN (${conversations} c JOIN ${conversationHeads} h ON h.project_id = ${projectId} AND h.conversation_id = c.id)
      ON c.project_id = ${projectId} AND c.id = changed.id AND changed.revision IS NOT NULL
    LEFT JOIN LATERAL (
      (SELECT t.* FROM ${turns} t WHERE ${ofConversation} AND t.revision = h.revision AND t.chunks_after IS NULL)
      UNION ALL
      (SELECT t.* FROM ${turns} t JOIN ${turnChunks} k ON k.project_id = ${projectId} AND k.turn_id = t.id AND k.revision = h.revision
        WHERE ${ofConversation} AND t.state = 'in-progress' AND t.chunks_after IS NOT NULL)
      LIMIT 1
    ) AS t ON true
    ORDER BY changed.at, changed.id`;
  const rows = await database.read<StateRow>(filters.size === 0 ? statement : withCustomPlan(statement), requester);
  return rows.map((row) => toState(row, scope, [...filters.keys()]));
}

const FITS: Record<string, Fit> = { f: "fits", l: "left", n: "never" };

function fitOf(scope: Scope, filter: ConversationFilter): SQL {
  return sql`CASE WHEN c.id IS NULL THEN 'n' WHEN ${fitsFilter(scope, filter)} THEN 'f' WHEN ${fitsFilter(scope, fixedPart(filter))} THEN 'l' ELSE 'n' END`;
}

function toState(row: StateRow, scope: Scope, filters: readonly string[]): ConversationState {
  const { changedId, changedUser, at, turnId, fits, readAt } = row;
  const conversation: ConversationRow = {
    kind: "conversation",
    id: row.id,
    ...selectedValues(CONVERSATION_COLUMNS, row),
  };
  const turn =
    turnId === null
      ? null
      : ({ kind: "turn", id: turnId, ...selectedValues(turnColumns(scope), row, PREFIX) } as const);
  return {
    id: changedId,
    isolationKey: changedUser,
    changedAt: at.getTime(),
    conversation: row.id === null ? null : conversation,
    turn,
    fits: new Map(filters.map((name, index) => [name, FITS[fits[index] ?? ""] ?? "never"])),
    readAt: readAt.getTime(),
  };
}
