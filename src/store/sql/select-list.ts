import { type SQL, sql } from "drizzle-orm";

import type { Form, RowOf } from "./entity-columns.ts";
import { toMilliseconds } from "./instants.ts";

/** What a SELECT list reads, by the name that it gets in the row. */
type Selected = Readonly<Record<string, { sql: SQL; form?: Form }>>;

/**
 * The columns as the SELECT list of a statement, each under its property's name after the prefix. In a branch of a UNION
 * `all` names what the branches have together; what this one lacks is null.
 */
export function selectList(columns: Selected, { prefix = "", all = columns as object } = {}): SQL {
  return sql.join(
    Object.keys(all).map((name) => sql`${selected(columns[name])} AS ${sql.identifier(prefix + name)}`),
    sql`, `,
  );
}

function selected(column: Selected[string] | undefined): SQL {
  if (column === undefined) return sql`NULL`;
  return column.form === "instant" ? toMilliseconds(column.sql) : column.sql;
}

/** What the SELECT list of the columns gave in a row, without the prefix. */
export function selectedValues<Columns extends Selected>(columns: Columns, row: object, prefix = ""): RowOf<Columns> {
  const values = Object.entries(row)
    .filter(([name]) => name.startsWith(prefix) && name.slice(prefix.length) in columns)
    .map(([name, value]) => [name.slice(prefix.length), value]);
  // Safe cast: the row was read with the list of these columns.
  return Object.fromEntries(values) as RowOf<Columns>;
}
