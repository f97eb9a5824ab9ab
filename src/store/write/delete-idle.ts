import { sql } from "drizzle-orm";

import type { Database } from "../database/client.ts";
import { listProjects } from "../keys/projects.ts";
import { deleteSome } from "./delete-all.ts";
import { type Writer, writeTransaction } from "./write-transaction.ts";

// Small, as callers who delete or create in the same lists wait for the end of the transaction.
const CONVERSATIONS_AT_A_TIME = 50;

const SECONDS_OF_DAY = 86_400;

// One number for every server of the product, as that of migrations: the holder deletes, the others leave it to that one.
const RETENTION_LOCK = 7_270_392;

/**
 * Deletes every project's conversations to which nothing was written for so many days, as `deleteConversation` does, some at a
 * time, and notifies watchers. Resolves to their number. Ends where another server is at it. A conversation that is being
 * written to at this moment is passed over.
 */
export async function deleteIdle(database: Database, days: number, signal: AbortSignal): Promise<number> {
  let total = 0;
  for (const projectId of await listProjects(database)) {
    let deleted: number | null = 1;
    while (deleted !== 0 && !signal.aborted) {
      deleted = await writeTransaction(database, projectId, (writer) => deleteSomeIdle(writer, projectId, days));
      if (deleted === null) return total;
      total += deleted;
    }
  }
  return total;
}

/** How many were deleted; null where another server is at it. */
async function deleteSomeIdle(writer: Writer, projectId: string, days: number): Promise<number | null> {
  const [row] = await writer.rows<{ isMine: boolean }>(
    sql`SELECT pg_try_advisory_xact_lock(${RETENTION_LOCK}) AS "isMine"`,
  );
  if (row?.isMine !== true) return null;
  const scope = { projectId, isolationKey: null };
  return deleteSome(writer, scope, { idleSeconds: days * SECONDS_OF_DAY }, CONVERSATIONS_AT_A_TIME, "SKIP LOCKED");
}
