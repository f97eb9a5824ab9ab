import { sql } from "drizzle-orm";

import type { Executor } from "../database/executor.ts";
import { textArray } from "../sql/parameters.ts";
import { findLocalFunctions, findLocalTables, isReferenceTable, PROJECTS } from "./local-objects.ts";
import { withoutRules } from "./without-rules.ts";

/** The table that the others lie beside: the rows of a project are on one machine. */
const ANCHOR = "conversations";

/**
 * Lets statements that change tables reach every machine, until the transaction ends; to be called ahead of its first other
 * statement.
 */
export async function beginDistributing(transaction: Executor): Promise<void> {
  // Limits of time are lifted on the workers as well.
  await transaction.rows(sql`SET LOCAL citus.propagate_set_commands = 'local'`);
  // One connection a worker: the statements that follow see what those before them made.
  await transaction.rows(sql`SET LOCAL citus.multi_shard_modify_mode = 'sequential'`);
  // Citus takes triggers on distributed tables only so. The program's look at nothing but their own row.
  await transaction.rows(sql`SET LOCAL citus.enable_unsafe_triggers = on`);
}

/**
 * Distributes by project every table that is not yet, with its rows, and resolves to their names. `projects` goes to every
 * machine; tables that are read without a project (keys, milestones) stay on the coordinator. Within a transaction that began
 * by `beginDistributing`; everything else that uses the tables waits for its end. Calls `onTable` ahead of each table.
 */
export async function distributeTables(transaction: Executor, onTable = (_name: string) => {}): Promise<string[]> {
  const moved = await findTables(transaction);
  const distribute = async () => {
    for (const table of moved) {
      onTable(table);
      await distributeTable(transaction, table);
    }
  };
  // A foreign key from a table on one machine to a distributed one is taken, and deletes nothing by its CASCADE.
  await withoutRules(transaction, textArray(moved), distribute, { foreignKeys: true });
  for (const name of await findLocalFunctions(transaction)) {
    await transaction.rows(sql`SELECT create_distributed_function(${name}::regprocedure)`);
  }
  return moved;
}

/** The tables that `distributeTables` would distribute, in its order. */
export async function findTables(executor: Executor): Promise<string[]> {
  const found = await findLocalTables(executor);
  const tables = [...found].sort((one, other) => Number(other === ANCHOR) - Number(one === ANCHOR));
  return (await isReferenceTable(executor, PROJECTS)) ? tables : [PROJECTS, ...tables];
}

async function distributeTable(transaction: Executor, table: string): Promise<void> {
  if (table === PROJECTS) await transaction.rows(sql`SELECT create_reference_table(${table}::regclass)`);
  else {
    const beside = table === ANCHOR ? "none" : ANCHOR;
    await transaction.rows(
      sql`SELECT create_distributed_table(${table}::regclass, 'project_id', colocate_with => ${beside})`,
    );
  }
  // Citus copies the rows, and leaves them where they were too.
  await transaction.rows(sql`SELECT truncate_local_data_after_distributing_table(${table}::regclass)`);
}
