import { type SQL, sql } from "drizzle-orm";

/** The expressions that a row is read from, by the property that each becomes. */
export type Fields<Row> = Record<keyof Row & string, SQL>;

/** The fields as the SELECT list of a statement, each under its property's name. */
export function selectList(fields: Record<string, SQL>): SQL {
  return sql.join(
    Object.entries(fields).map(([name, expression]) => sql`${expression} AS ${sql.identifier(name)}`),
    sql`, `,
  );
}

/** As many nulls under the same names: the place of these fields in the other branch of a UNION. */
export function nullList(fields: Record<string, SQL>): SQL {
  return sql.join(
    Object.keys(fields).map((name) => sql`NULL AS ${sql.identifier(name)}`),
    sql`, `,
  );
}
