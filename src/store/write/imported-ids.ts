import { sql } from "drizzle-orm";

import { kindOfId, type NodeKind } from "../../model/ids.ts";
import type { Executor } from "../database/executor.ts";
import { together } from "../database/together.ts";
import { textArray } from "../sql/parameters.ts";
import { importedIds } from "../tables/identities.ts";

/** Ids that a transaction takes and gives free. One with its kind's own prefix is nobody else's, and left out. */
export interface IdChanges {
  take(kind: NodeKind, ids: readonly string[]): void;
  free(kind: NodeKind, ids: readonly string[]): void;
  /** By id, how many objects more have it: 1, 0 or -1, unless a rule is broken. */
  readonly changes: ReadonlyMap<string, number>;
}

export function createIdChanges(): IdChanges {
  const changes = new Map<string, number>();
  const change = (by: number) => (kind: NodeKind, ids: readonly string[]) => {
    for (const id of ids) if (kindOfId(id) !== kind) changes.set(id, (changes.get(id) ?? 0) + by);
  };
  return { take: change(1), free: change(-1), changes };
}

const IDS_AT_A_TIME = 1000;

/** Enters the ids that are taken, and removes those given free. An id that another object has is an error of the database. */
export async function writeIds(transaction: Executor, projectId: string, { changes }: IdChanges): Promise<void> {
  const free = [...changes].flatMap(([id, by]) => (by < 0 ? [id] : []));
  // In one order, so that two transactions cannot wait for each other.
  const taken = [...changes].flatMap(([id, by]) => Array.from({ length: Math.max(by, 0) }, () => id)).sort();
  const statements: Promise<unknown>[] = [];
  if (free.length > 0) {
    statements.push(
      transaction.rows(
        sql`DELETE FROM ${importedIds} WHERE project_id = ${projectId} AND id = ANY(${textArray(free)})`,
      ),
    );
  }
  for (let from = 0; from < taken.length; from += IDS_AT_A_TIME) {
    const rows = taken.slice(from, from + IDS_AT_A_TIME).map((id) => sql`(${projectId}, ${id})`);
    statements.push(
      transaction.rows(sql`INSERT INTO ${importedIds} (project_id, id) VALUES ${sql.join(rows, sql`, `)}`),
    );
  }
  await together(statements);
}
