import { type SQL, sql } from "drizzle-orm";

import { traceStatement } from "../../tracing.ts";
import type { Client, TransactionClient } from "./driver.ts";
import type { PreparedStatements } from "./prepared-statements.ts";
import type { Statement } from "./statements.ts";

const CUSTOM_PLAN = "/* planned by value */ ";

/**
 * The statement, marked so that PostgreSQL plans each execution for its values: for conditions that match many rows
 * with some values and few with others. Any other statement has one plan for all values, made once on each connection
 * that has it prepared.
 */
export function withCustomPlan(statement: SQL): SQL {
  return sql`${sql.raw(CUSTOM_PLAN)}${statement}`;
}

export type Query = ReturnType<Client["unsafe"]>;

/**
 * Sends the statement and resolves to what `wait` makes of its rows. `prepared` belongs to the connection; null where
 * the session must keep nothing.
 */
export function send<Result>(
  client: Client | TransactionClient,
  prepared: PreparedStatements | null,
  { text, values }: Statement,
  wait: (query: Query) => PromiseLike<Result>,
): Promise<Result> {
  const prepare = prepared?.admit(text) ?? false;
  const ask = () => client.unsafe(text, values, { prepare });
  return traceStatement(text, async () =>
    wait(prepared !== null && text.startsWith(CUSTOM_PLAN) ? executeWithCustomPlan(client, ask) : ask()),
  );
}

/** postgres.js sends all three at once, and the connection runs them in this order. */
function executeWithCustomPlan(client: Client | TransactionClient, ask: () => Query): Query {
  const set = (setting: string) => void client.unsafe(setting).catch(() => {});
  set("SET plan_cache_mode = auto");
  const query = ask();
  // postgres.js sends a statement only when it is awaited or executed.
  query.execute();
  // To that of the session's beginning.
  set("RESET plan_cache_mode");
  return query;
}

/** The rows, typed as the author of the statement declares them. */
export function asRows<Row extends object>(rows: readonly unknown[]): Row[] {
  // Safe cast: postgres.js cannot know the shape of a row, which is the statement's SELECT list.
  return withoutHoles(rows) as Row[];
}

/**
 * The rows in a plain array. After a statement that failed with some of its rows sent, postgres.js leaves empty places
 * before the rows of the next one.
 */
export function withoutHoles<Row>(rows: readonly Row[]): Row[] {
  const found: Row[] = [];
  // `forEach` skips holes. `filter` would create another of postgres.js' result objects, which is slow.
  rows.forEach((row) => {
    found.push(row);
  });
  return found;
}
