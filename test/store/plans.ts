import type { SQL } from "drizzle-orm";

import type { Database } from "../../src/store/database/client.ts";
import type { ByteReader, Executor } from "../../src/store/database/executor.ts";
import { type Statement, toStatement } from "../../src/store/database/statements.ts";

export interface Plan {
  "Node Type": string;
  "Actual Rows": unknown;
  "Actual Loops": number;
  "Relation Name"?: string;
  "Index Name"?: string;
  "Index Cond"?: string;
  "Rows Removed by Filter"?: number;
  "Rows Removed by Index Recheck"?: number;
  Plans?: Plan[];
}

/** The nodes of the plans of all statements that the work runs. */
export async function plansOf(
  database: Database,
  work: (executor: Executor & ByteReader) => Promise<unknown>,
): Promise<Plan[]> {
  const found: Plan[] = [];
  const explain = async <Row>(statement: SQL | Statement): Promise<Row[]> => {
    const { text, values } = toStatement(statement);
    const [row] = await database.readBytes({
      text: `EXPLAIN (ANALYZE, TIMING OFF, FORMAT JSON) ${text}`,
      values,
    });
    const [{ Plan: plan }] = JSON.parse(String(row?.[0])) as [{ Plan: Plan }];
    found.push(...nodes(plan));
    return [];
  };
  await work({ read: explain, rows: explain, readBytes: explain });
  return found;
}

function nodes(plan: Plan | undefined): Plan[] {
  return plan === undefined ? [] : [plan, ...(plan.Plans ?? []).flatMap(nodes)];
}

/** How many rows come out of tables and indexes. */
export function rowsRead(plans: readonly Plan[]): number {
  const scans = plans.filter((node) => /Index/.test(node["Node Type"]));
  return scans.reduce((sum, node) => sum + rowsOf(node), 0);
}

/** How many rows of the table are looked at, whatever becomes of them. */
export function rowsTouched(plans: readonly Plan[], table: string): number {
  const scans = plans.filter((node) => node["Relation Name"] === table);
  return scans.reduce(
    (sum, node) => sum + rowsOf(node) + (node["Rows Removed by Filter"] ?? 0) * node["Actual Loops"],
    0,
  );
}

function rowsOf(node: Plan): number {
  // PostgreSQL 18 writes fractions, and the store keeps their digits.
  return Number(JSON.stringify(node["Actual Rows"])) * node["Actual Loops"];
}
