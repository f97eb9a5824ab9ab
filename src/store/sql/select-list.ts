import { type SQL, sql } from "drizzle-orm";

/** The expressions that a row is read from, by the property that each becomes. */
export type Columns<Row> = Record<keyof Row & string, SQL>;

/** The columns as the SELECT list of a statement, each under its property's name. */
export function selectList(columns: Record<string, SQL>): SQL {
  return sql.join(
    Object.entries(columns).map(([name, expression]) => sql`${expression} AS ${sql.identifier(name)}`),
    sql`, `,
  );
}

/** As many nulls under the same names: the place of these columns in the other branch of a UNION. */
export function nullList(columns: Record<string, SQL>): SQL {
  return sql.join(
    Object.keys(columns).map((name) => sql`NULL AS ${sql.identifier(name)}`),
    sql`, `,
  );
}
