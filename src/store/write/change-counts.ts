import { type SQL, sql } from "drizzle-orm";

import type { Executor } from "../database/executor.ts";
import { together } from "../database/together.ts";
import { conversationCounts } from "../tables/conversation-counts.ts";
import { REMOVING_SHARE } from "./shares.ts";

/** What a conversation is counted by. */
export interface Counted {
  isolationKey: string | null;
  agentName: string | null;
  agentVersion: string | null;
  createdAt: Date;
}

/** A list's count in a span of time, and what is added to it. */
interface CountChange {
  isolationKey: string;
  agentName: string;
  agentVersion: string;
  bucket: number;
  change: number;
}

/** What a transaction adds to the counts. */
export interface CountChanges {
  add(conversations: readonly Counted[], change: 1 | -1): void;
  readonly byKey: ReadonlyMap<string, CountChange>;
}

export function createCountChanges(): CountChanges {
  const byKey = new Map<string, CountChange>();
  return {
    byKey,
    add(conversations, change) {
      for (const list of conversations.flatMap(listsOf)) {
        const key = JSON.stringify(Object.values(list));
        const known = byKey.get(key);
        if (known === undefined) byKey.set(key, { ...list, change });
        else known.change += change;
      }
    },
  };
}

const DAY_MS = 86_400_000;
// As the functions `conversation_count_keys` and `conversation_count_bucket` have it in the database.
const USER_DAYS = 32;

/** The lists that a conversation is in: its user's; the project's of every agent, of its agent, of its agent's version. */
function listsOf({ isolationKey, agentName, agentVersion, createdAt }: Counted): Omit<CountChange, "change">[] {
  const day = Math.floor(createdAt.getTime() / DAY_MS);
  const all = { isolationKey: "", agentName: "", agentVersion: "", bucket: day };
  const lists = [all];
  if (isolationKey !== null) lists.push({ ...all, isolationKey, bucket: Math.floor(day / USER_DAYS) });
  if (agentName !== null) lists.push({ ...all, agentName });
  if (agentName !== null && agentVersion !== null) lists.push({ ...all, agentName, agentVersion });
  return lists;
}

/** The changes in one order for all transactions, so that two of them cannot wait for each other. */
export function countsOf({ byKey }: CountChanges): CountChange[] {
  const changed = [...byKey].filter(([, { change }]) => change !== 0);
  return changed.sort(([a], [b]) => (a < b ? -1 : 1)).map(([, change]) => change);
}

const COUNTS_AT_A_TIME = 1000;

/**
 * Adds the changes to the transaction's share of each count: one statement. Where something is taken away, a second one
 * finds counts that came to nothing, and a third one removes their rows, the user's name with them. All transactions take
 * a user's count down in the same share: the second of two waits, and sees what the first has left.
 */
export async function writeCounts(
  transaction: Executor,
  projectId: string,
  changes: readonly CountChange[],
  share: number,
): Promise<void> {
  const statements: Promise<unknown>[] = [];
  for (let from = 0; from < changes.length; from += COUNTS_AT_A_TIME) {
    const rows = changes.slice(from, from + COUNTS_AT_A_TIME);
    statements.push(transaction.rows(addCounts(projectId, rows, share)));
  }
  const lowered = changes.filter(({ change }) => change < 0);
  for (let from = 0; from < lowered.length; from += COUNTS_AT_A_TIME) {
    statements.push(removeEmpty(transaction, projectId, lowered.slice(from, from + COUNTS_AT_A_TIME)));
  }
  await together(statements);
}

function addCounts(projectId: string, changes: readonly CountChange[], share: number): SQL {
  const rows = changes.map(({ isolationKey, agentName, agentVersion, bucket, change }) => {
    const own = change < 0 && isolationKey !== "" ? REMOVING_SHARE : share;
    return sql`(${projectId}, ${isolationKey}, ${agentName}, ${agentVersion}, ${bucket}::integer, ${own}::bigint, ${change}::integer)`;
  });
  return sql`
    INSERT INTO ${conversationCounts} AS n (project_id, isolation_key, agent_name, agent_version, bucket, share, count)
    VALUES ${sql.join(rows, sql`, `)}
    ON CONFLICT (project_id, isolation_key, agent_name, agent_version, bucket, share)
    DO UPDATE SET count = n.count + excluded.count`;
}

const KEY = sql.raw("n.isolation_key, n.agent_name, n.agent_version, n.bucket");

async function removeEmpty(transaction: Executor, projectId: string, lowered: readonly CountChange[]): Promise<void> {
  const empty = await transaction.rows<Omit<CountChange, "change">>(sql`
    SELECT n.isolation_key AS "isolationKey", n.agent_name AS "agentName", n.agent_version AS "agentVersion", n.bucket
    FROM ${conversationCounts} n WHERE n.project_id = ${projectId} AND (${KEY}) IN (${keys(lowered)})
    GROUP BY ${KEY} HAVING sum(n.count) = 0 OR bool_or(n.count = 0)`);
  if (empty.length === 0) return;
  // Rows that sum up to nothing may go whatever other transactions are adding, which only the rows of their shares show.
  await transaction.rows(sql`
    WITH free AS MATERIALIZED (
      SELECT ${KEY}, n.share, n.count FROM ${conversationCounts} n
      WHERE n.project_id = ${projectId} AND (${KEY}) IN (${keys(empty)}) FOR UPDATE SKIP LOCKED
    )
    DELETE FROM ${conversationCounts} n USING (
      SELECT ${KEY}, n.share, n.count, sum(n.count) OVER (PARTITION BY ${KEY}) AS total FROM free n
    ) AS f
    WHERE n.project_id = ${projectId} AND n.isolation_key = f.isolation_key AND n.agent_name = f.agent_name
      AND n.agent_version = f.agent_version AND n.bucket = f.bucket AND n.share = f.share AND 0 IN (f.count, f.total)`);
}

function keys(counts: readonly Omit<CountChange, "change">[]): SQL {
  const rows = counts.map(({ isolationKey, agentName, agentVersion, bucket }) => {
    return sql`(${isolationKey}, ${agentName}, ${agentVersion}, ${bucket}::integer)`;
  });
  return sql.join(rows, sql`, `);
}
