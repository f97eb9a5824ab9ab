import type { NodeKind } from "../../model/ids.ts";
import type { Database } from "../database/client.ts";
import type { Executor } from "../database/executor.ts";
import { together } from "../database/together.ts";
import { type Counted, countsOf, createCountChanges, writeCounts } from "./change-counts.ts";
import { createIdChanges, writeIds } from "./imported-ids.ts";
import { takeShare } from "./shares.ts";

/**
 * A transaction that adds or removes conversations of one project. What other tables keep of them is noted here, and
 * written by the transaction's last statements: locks that writers of the same lists share are held for a moment only.
 */
export interface Writer extends Executor {
  /** Counts conversations that are new (1) or gone (-1). */
  count(conversations: readonly Counted[], change: 1 | -1): void;
  /** Takes the ids for objects of the kind. An id that another object has is an error of the database at the end (23505). */
  takeIds(kind: NodeKind, ids: readonly string[]): void;
  /** Gives the ids of objects that are gone to others. */
  freeIds(kind: NodeKind, ids: readonly string[]): void;
}

/**
 * Runs the work in one transaction, as `Database.transaction`, and resolves to its result. Before the commit: one
 * statement for all ids that are taken, one for those given free, one for all counts, each only where there are any; sent
 * together.
 */
export async function writeTransaction<Result>(
  database: Database,
  projectId: string,
  work: (writer: Writer) => Promise<Result>,
): Promise<Result> {
  let taken: ReturnType<typeof takeShare> | undefined;
  try {
    return await database.transaction(async (transaction) => {
      const counts = createCountChanges();
      const ids = createIdChanges();
      const writer: Writer = { ...transaction, count: counts.add, takeIds: ids.take, freeIds: ids.free };
      const result = await work(writer);
      taken ??= takeShare();
      await together([
        writeIds(transaction, projectId, ids),
        writeCounts(transaction, projectId, countsOf(counts), taken.share),
      ]);
      return result;
    });
  } finally {
    taken?.release();
  }
}
