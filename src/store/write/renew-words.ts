import { type SQL, sql } from "drizzle-orm";

import { SEARCHED_CHARACTERS } from "../../model/message-fragment.ts";
import type { Database } from "../database/client.ts";
import type { Executor } from "../database/executor.ts";
import { saidIn } from "../read/search.ts";
import { conversations } from "../tables/conversations.ts";
import { milestones, projects } from "../tables/projects.ts";
import { turnChunks } from "../tables/turn-chunks.ts";
import { turns } from "../tables/turns.ts";

const MILESTONE = "search words";
const ROWS_AT_A_TIME = 500;

/** How far the work has come: the table, and the project and id of the last row. */
type Place = readonly [table: number, projectId: string, id: string];

const BEGINNING: Place = [0, "", ""];

/** Has all words made again, as for rows of a database whose locale may be another one. One statement. */
export async function beginRenewal(executor: Executor): Promise<void> {
  await executor.rows(
    sql`UPDATE ${milestones} SET reached = ${JSON.stringify(BEGINNING)}::text WHERE name = ${MILESTONE}`,
  );
}

/**
 * Makes the words of what was stored before they were made by `search_words`, and of titles, some hundreds of rows in a
 * transaction at a time. Writers wait for none but the rows of one. Goes on where it ended, here or in another process;
 * resolves to whether it is done. One statement where it is.
 */
export async function renewWords(database: Database, signal: AbortSignal): Promise<boolean> {
  while (!signal.aborted) {
    const left = await database.transaction(renewSome);
    if (left === "none") return true;
    // Another process is at it.
    if (left === "taken") return false;
  }
  return false;
}

async function renewSome(transaction: Executor): Promise<"none" | "taken" | "some"> {
  const [milestone] = await transaction.rows<{ reached: string | null }>(
    sql`SELECT reached FROM ${milestones} WHERE name = ${MILESTONE} AND reached IS NOT NULL`,
  );
  if (milestone === undefined) return "none";
  const [taken] = await transaction.rows<{ reached: string | null }>(
    sql`SELECT reached FROM ${milestones} WHERE name = ${MILESTONE} FOR UPDATE SKIP LOCKED`,
  );
  if (taken === undefined) return "taken";
  if (taken.reached === null) return "none";
  // Safe cast: this file alone writes it.
  const next = await renewAfter(transaction, JSON.parse(taken.reached) as Place);
  const reached = next === null ? null : JSON.stringify(next);
  await transaction.rows(sql`UPDATE ${milestones} SET reached = ${reached}::text WHERE name = ${MILESTONE}`);
  return next === null ? "none" : "some";
}

const RENEW = [renewTurns, renewTitles, renewAdded];

async function renewAfter(transaction: Executor, [table, projectId, id]: Place): Promise<Place | null> {
  const renew = RENEW[table];
  if (renew === undefined) return null;
  const [last] = projectId === "" ? [] : await transaction.rows<{ id: string | null }>(renew(projectId, id));
  if (last?.id != null) return [table, projectId, last.id];
  const [project] = await transaction.rows<{ id: string }>(
    sql`SELECT id FROM ${projects} WHERE id > ${projectId} ORDER BY id LIMIT 1`,
  );
  return project === undefined ? [table + 1, "", ""] : [table, project.id, ""];
}

/** Of ASCII alone the words are the same as before. What was written meanwhile has its words. */
function renewTurns(projectId: string, after: string): SQL {
  const text = sql`left(${saidIn(sql`old.messages`)}, ${SEARCHED_CHARACTERS})`;
  const json = sql`old.messages::text`;
  return sql`
    WITH batch AS (
      SELECT t.id FROM ${turns} t WHERE t.project_id = ${projectId} AND t.id > ${after} ORDER BY t.id LIMIT ${ROWS_AT_A_TIME}
    ), renewed AS MATERIALIZED (
      SELECT old.id, old.words AS former, search_words(${text}) AS words FROM ${turns} old
      WHERE old.project_id = ${projectId} AND old.id IN (SELECT id FROM batch) AND old.words IS NOT NULL
        AND (octet_length(${json}) <> char_length(${json}) OR strpos(${json}, '\\u') > 0)
    ), changed AS (
      UPDATE ${turns} t SET words = renewed.words FROM renewed
      WHERE t.project_id = ${projectId} AND t.id = renewed.id AND t.words = renewed.former AND renewed.former <> renewed.words
    )
    SELECT max(id) AS id FROM batch`;
}

function renewTitles(projectId: string, after: string): SQL {
  const title = sql`c.metadata ->> 'title'`;
  return sql`
    WITH batch AS (
      SELECT c.id FROM ${conversations} c WHERE c.project_id = ${projectId} AND c.id > ${after} ORDER BY c.id LIMIT ${ROWS_AT_A_TIME}
    ), changed AS (
      UPDATE ${conversations} c SET title_words = search_words(${title})
      WHERE c.project_id = ${projectId} AND c.id IN (SELECT id FROM batch) AND c.title_words IS NULL AND ${title} IS NOT NULL
    )
    SELECT max(id) AS id FROM batch`;
}

/** Those of items that joined a turn. Their rows are never changed. */
function renewAdded(projectId: string, after: string): SQL {
  const text = sql`left(${saidIn(sql`('[' || substr(k.json_text, 2) || ']')::json`)}, ${SEARCHED_CHARACTERS})`;
  return sql`
    WITH batch AS (
      SELECT DISTINCT k.turn_id AS id FROM ${turnChunks} k
      WHERE k.project_id = ${projectId} AND k.turn_id > ${after} AND k.words IS NOT NULL ORDER BY k.turn_id LIMIT ${ROWS_AT_A_TIME}
    ), changed AS (
      UPDATE ${turnChunks} k SET words = search_words(${text})
      WHERE k.project_id = ${projectId} AND k.turn_id IN (SELECT id FROM batch) AND k.words IS NOT NULL
        AND (octet_length(k.json_text) <> char_length(k.json_text) OR strpos(k.json_text, '\\u') > 0)
    )
    SELECT max(id) AS id FROM batch`;
}
