import { sql } from "drizzle-orm";

import type { Database } from "../database/client.ts";
import type { CopyTransaction } from "../database/copy-transaction.ts";
import { fixSnapshots } from "../distributed/one-snapshot.ts";
import { appliedMigrations, knowsMigrations } from "../schema/migrate.ts";
import { textArray } from "../sql/parameters.ts";
import { BackupError, END_OF_ROWS, startDigest, toLine, writeHeader } from "./backup-format.ts";
import { BACKUP_TABLES, copied, readTables } from "./backup-tables.ts";

/** How many rows each table has. */
export type RowCounts = ReadonlyMap<string, number>;

/** Receives the rows so far, of all tables together and of each. */
export type OnRows = (rows: number, counts: RowCounts) => void;

/**
 * Hands the content of a backup of the database, not packed, to `consume`, which reads it at its own pace; resolves to the
 * numbers of rows. One snapshot (of a distributed database one for each machine: see `fixSnapshots`), memory for some rows at
 * a time, and writers wait for nothing. The database may lack migrations of this version. Throws BackupError for one without tables, and one with migrations of a later version.
 */
export function writeBackup(
  database: Database,
  consume: (content: AsyncIterable<string | Buffer>) => Promise<void>,
  onRows: OnRows,
): Promise<RowCounts> {
  return database.copyTransaction("read", async (transaction) => {
    if (database.isDistributed) await fixSnapshots(database, transaction);
    const migrations = await appliedMigrations(transaction);
    if (migrations.length === 0) throw new BackupError("the database has no tables yet");
    if (!knowsMigrations(migrations)) {
      throw new BackupError(
        "the database has migrations of a later version of conversation-graph: back it up with that version",
      );
    }
    const counts = new Map<string, number>();
    await consume(withDigest(contentOf(transaction, migrations, counts, onRows)));
    return counts;
  });
}

/** About how many rows there are, as the database's own statistics say: for a progress bar. One statement. */
export async function estimateRows(database: Database): Promise<number> {
  const [row] = await database.read<{ rows: number }>(sql`
    SELECT coalesce(sum(greatest(reltuples, 0)), 0)::float8 AS rows FROM pg_class
    WHERE relnamespace = 'public'::regnamespace AND relname = ANY(${textArray(BACKUP_TABLES)})`);
  return row?.rows ?? 0;
}

async function* contentOf(
  transaction: CopyTransaction,
  migrations: string[],
  counts: Map<string, number>,
  onRows: OnRows,
): AsyncGenerator<string | Buffer> {
  yield writeHeader(migrations);
  let total = 0;
  for (const table of await readTables(transaction)) {
    yield toLine(table);
    let rows = 0;
    for await (const bytes of transaction.copyOut(sql`COPY ${copied(table)} TO STDOUT`)) {
      const more = countLines(bytes);
      rows += more;
      total += more;
      counts.set(table.table, rows);
      onRows(total, counts);
      yield bytes;
    }
    yield END_OF_ROWS;
  }
}

async function* withDigest(content: AsyncIterable<string | Buffer>): AsyncGenerator<string | Buffer> {
  const digest = startDigest();
  for await (const piece of content) {
    digest.update(piece);
    yield piece;
  }
  yield toLine({ sha256: digest.digest("hex") });
}

/** COPY escapes the line ends within a row. */
export function countLines(bytes: Buffer): number {
  let lines = 0;
  for (let place = bytes.indexOf(10); place >= 0; place = bytes.indexOf(10, place + 1)) lines += 1;
  return lines;
}
