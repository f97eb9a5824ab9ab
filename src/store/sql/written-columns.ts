import { getTableColumns, type InferSelectModel, type SQL, sql } from "drizzle-orm";
import type { PgColumn, PgTable } from "drizzle-orm/pg-core";

import { instant, json } from "./parameters.ts";

/** Columns that statements write, under their properties' names. */
export type WrittenColumns<Values> = Readonly<Record<keyof Values & string, PgColumn>>;

/** The table's columns but those left out. A column that the table gains is written, or does not compile. */
export function writtenColumns<Table extends PgTable, LeftOut extends keyof InferSelectModel<Table> & string>(
  table: Table,
  ...leftOut: LeftOut[]
): WrittenColumns<Omit<InferSelectModel<Table>, LeftOut>> {
  const left: readonly string[] = leftOut;
  const columns = Object.entries(getTableColumns(table)).filter(([name]) => !left.includes(name));
  // Safe cast: the columns of a table have the names of its row.
  return Object.fromEntries(columns) as WrittenColumns<Omit<InferSelectModel<Table>, LeftOut>>;
}

/** The names of the properties. */
export function namesOf<Values>(columns: WrittenColumns<Values>): (keyof Values & string)[] {
  return entries(columns).map(([name]) => name);
}

/** The columns' names as the list of an INSERT. */
export function columnNames(columns: WrittenColumns<object>): SQL {
  return join(entries(columns).map(([, column]) => nameOf(column)));
}

/** The values as the SELECT list of an INSERT of one row, each a parameter of its column's type. */
export function toParameters<Values>(columns: WrittenColumns<Values>, values: NoInfer<Values>): SQL {
  return join(entries(columns).map(([name, column]) => parameter(column, values[name])));
}

/** The values as the SET list of an UPDATE, which leaves other columns as they are. */
export function toAssignments<Values>(columns: WrittenColumns<Values>, values: Partial<NoInfer<Values>>): SQL {
  const changed = entries(columns).filter(([name]) => name in values);
  return join(changed.map(([name, column]) => sql`${nameOf(column)} = ${parameter(column, values[name])}`));
}

// Beyond it, as in an import, rows are one parameter: a parameter for each value would be more than a statement takes.
const MOST_VALUES = 50;

/** An INSERT of the project's rows, of which there is at least one, into `new`. */
export function insertRows<Values>(
  table: PgTable,
  columns: WrittenColumns<Values>,
  projectId: string,
  rows: readonly NoInfer<Values>[],
): SQL {
  if (rows.length <= MOST_VALUES) {
    const values = rows.map((row) => sql`(${projectId}, ${toParameters(columns, row)})`);
    return sql`INSERT INTO ${table} AS new (project_id, ${columnNames(columns)}) VALUES ${join(values)}`;
  }
  const written = entries(columns);
  const input = rows.map((row) => Object.fromEntries(written.map(([name, column]) => [column.name, row[name]])));
  const types = written.map(([, column]) => sql`${nameOf(column)} ${givenType(column)}`);
  const stored = written.map(([, column]) => fromGiven(column, nameOf(column)));
  return sql`INSERT INTO ${table} AS new (project_id, ${columnNames(columns)})
    SELECT ${projectId}, ${join(stored)} FROM json_to_recordset(${json(input)}) AS input (${join(types)})`;
}

function parameter(column: PgColumn, value: unknown): SQL {
  if (value instanceof Date) return instant(value);
  const given = column.getSQLType() === "json" && value !== null ? JSON.stringify(value) : value;
  return fromGiven(column, sql`${sql.param(given)}::${givenType(column)}`);
}

// Words are given as the text that they are taken from.
const WORDS = "tsvector";

function givenType(column: PgColumn): SQL {
  return sql.raw(column.getSQLType() === WORDS ? "text" : column.getSQLType());
}

function fromGiven(column: PgColumn, given: SQL): SQL {
  return column.getSQLType() === WORDS ? sql`search_words(${given})` : given;
}

function nameOf(column: PgColumn): SQL {
  return sql`${sql.identifier(column.name)}`;
}

function join(parts: readonly SQL[]): SQL {
  return sql.join([...parts], sql`, `);
}

function entries<Values>(columns: WrittenColumns<Values>): [name: keyof Values & string, column: PgColumn][] {
  // Safe cast: Object.entries forgets the names of keys.
  return Object.entries(columns) as [keyof Values & string, PgColumn][];
}
