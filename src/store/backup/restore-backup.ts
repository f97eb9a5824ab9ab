import { sql } from "drizzle-orm";

import { brokenRule } from "../../model/broken-rule.ts";
import { sqlState } from "../../model/errors.ts";
import type { Database } from "../database/client.ts";
import type { CopyTransaction } from "../database/copy-transaction.ts";
import type { Executor } from "../database/executor.ts";
import { withoutRules } from "../distributed/without-rules.ts";
import { appliedMigrations, applyMigrations, knowsMigrations } from "../schema/migrate.ts";
import { textArray } from "../sql/parameters.ts";
import { beginRenewal } from "../write/renew-words.ts";
import { BackupError, type BackupTable, damaged, LATER_VERSION, parseHeader, parseSection } from "./backup-format.ts";
import { BackupReader } from "./backup-reader.ts";
import { BACKUP_TABLES, copied, FILLED_BY_MIGRATIONS, readTables } from "./backup-tables.ts";
import { countLines, type OnRows, type RowCounts } from "./write-backup.ts";

/**
 * Restores the content of a backup, not packed, into an empty database, all of it or nothing, in one transaction; resolves to
 * the numbers of rows. The database gets the migrations that the other one had, its rows, and then later migrations. Throws
 * BackupError for a backup that is damaged or of a later version, and for a database that is not empty. Everything else that
 * uses the database waits until the end.
 */
export async function restoreBackup(
  database: Database,
  content: AsyncIterable<Buffer>,
  onRows: OnRows,
): Promise<RowCounts> {
  const reader = new BackupReader(content);
  const first = await reader.readLine();
  const { migrations } = parseHeader(first);
  if (!knowsMigrations(migrations)) throw new BackupError(LATER_VERSION);
  reader.keep(first);
  return database.copyTransaction("write", async (transaction) => {
    const tables = await prepare(transaction, migrations);
    const counts = await withoutRules(transaction, textArray(tables), () => copyTables(transaction, reader, onRows));
    await applyMigrations(transaction);
    await beginRenewal(transaction);
    return counts;
  });
}

/** Gives the database the migrations and no others, and keeps everything else out of its tables; resolves to their names. */
async function prepare(transaction: Executor, migrations: readonly string[]): Promise<string[]> {
  await applyMigrations(transaction, migrations);
  await transaction.rows(sql`SET LOCAL lock_timeout = '30s'`);
  const tables = (await readTables(transaction)).map(({ table }) => table);
  const names = sql.join(
    tables.map((table) => sql.identifier(table)),
    sql`, `,
  );
  await transaction.rows(sql`LOCK TABLE ${names} IN ACCESS EXCLUSIVE MODE`);
  await requireEmpty(transaction, tables);
  if ((await appliedMigrations(transaction)).some((hash) => !migrations.includes(hash))) {
    throw new BackupError(
      "an earlier version of conversation-graph wrote it, and the database has later migrations already: restore it into a new database, on which nothing was started yet",
    );
  }
  for (const table of FILLED_BY_MIGRATIONS) await transaction.rows(sql`DELETE FROM ${sql.identifier(table)}`);
  return tables;
}

async function requireEmpty(transaction: Executor, tables: readonly string[]): Promise<void> {
  const filled: string[] = [];
  for (const table of tables) {
    if (FILLED_BY_MIGRATIONS.includes(table)) continue;
    const rows = await transaction.rows(sql`SELECT 1 AS one FROM ${sql.identifier(table)} LIMIT 1`);
    if (rows.length > 0) filled.push(table);
  }
  if (filled.length === 0) return;
  throw new BackupError(`the database is not empty: there are rows in ${filled.join(", ")}. Restore it into a new one`);
}

async function copyTables(transaction: CopyTransaction, reader: BackupReader, onRows: OnRows): Promise<RowCounts> {
  const counts = new Map<string, number>();
  let total = 0;
  for (;;) {
    const line = await reader.readLine();
    const section = parseSection(line);
    if ("sha256" in section) {
      if (section.sha256 !== reader.digest()) throw damaged();
      await reader.end();
      return counts;
    }
    reader.keep(line);
    const { table } = section;
    if (!BACKUP_TABLES.includes(table)) throw damaged();
    await copyTable(transaction, section, reader.rows(), (rows) => {
      total += rows;
      counts.set(table, (counts.get(table) ?? 0) + rows);
      onRows(total, counts);
    });
  }
}

async function copyTable(
  transaction: CopyTransaction,
  table: BackupTable,
  rows: AsyncIterable<Buffer>,
  onRows: (more: number) => void,
): Promise<void> {
  try {
    await transaction.copyIn(sql`COPY ${copied(table)} FROM STDIN`, counted(rows, onRows));
  } catch (error) {
    // Values that are none, rows that contradict each other, columns that are not there.
    if (/^(22|23|42703$)/.test(sqlState(error) ?? "")) throw damaged(error);
    // Citus gives what a worker says of copied rows no SQLSTATE of its own.
    if (error instanceof Error && brokenRule(error).constraint !== undefined) throw damaged(error);
    throw error;
  }
}

async function* counted(rows: AsyncIterable<Buffer>, onRows: (more: number) => void): AsyncGenerator<Buffer> {
  for await (const bytes of rows) {
    onRows(countLines(bytes));
    yield bytes;
  }
}
