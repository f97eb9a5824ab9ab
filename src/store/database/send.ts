import { type SQL, sql } from "drizzle-orm";

import { traceStatement } from "../../tracing.ts";
import { type Client, KEPT_PLANS, type TransactionClient } from "./driver.ts";
import type { PreparedStatements } from "./prepared-statements.ts";
import { type Statement, toStatement } from "./statements.ts";

const BY_VALUE = "/* planned by value */ ";

/**
 * The statement, planned each time for the values that it has: for conditions of which some let much through and others
 * little. Any other statement has one plan for all values, made once on each connection that has it prepared.
 */
export function withCustomPlan(statement: SQL): SQL {
  return sql`${sql.raw(BY_VALUE)}${statement}`;
}

export type Query = ReturnType<Client["unsafe"]>;

/**
 * Sends the statement, and gives what is made of waiting for its rows. `prepared` is the connection's, and null where nothing
 * may be left behind in its session.
 */
export function send<Result>(
  client: Client | TransactionClient,
  prepared: PreparedStatements | null,
  statement: SQL | Statement,
  wait: (query: Query) => PromiseLike<Result>,
): Promise<Result> {
  const { text, values } = toStatement(statement);
  const prepare = prepared?.admit(text) ?? false;
  const ask = () => client.unsafe(text, values, { prepare });
  return traceStatement(text, async () =>
    wait(prepared !== null && text.startsWith(BY_VALUE) ? planByValue(client, ask) : ask()),
  );
}

/** All three are sent at once, and the connection runs them in this order. */
function planByValue(client: Client | TransactionClient, ask: () => Query): Query {
  const planBy = (mode: string) => void client.unsafe(`SET plan_cache_mode = ${mode}`).catch(() => {});
  planBy("auto");
  const query = ask();
  // The driver sends a statement when it is waited for.
  query.execute();
  planBy(KEPT_PLANS);
  return query;
}

/** The rows as what the statement's author says that they are. */
export function asRows<Row extends object>(rows: readonly unknown[]): Row[] {
  // A cast of the store: a driver cannot know the shape of a row.
  return withoutHoles(rows) as Row[];
}

/**
 * The rows in an array of their own. After a statement that failed with some of its rows sent, the driver leaves room for
 * those before the rows of the next one.
 */
export function withoutHoles<Row>(rows: readonly Row[]): Row[] {
  const found: Row[] = [];
  // Which passes over holes. Not `filter`, which makes another of the driver's results: those take long to make.
  rows.forEach((row) => {
    found.push(row);
  });
  return found;
}
