import { getTableColumns, type InferSelectModel, type SQL, sql } from "drizzle-orm";
import type { PgTable } from "drizzle-orm/pg-core";

/**
 * How PostgreSQL spells the values of a column. Only a `text` may hold any character; an `id` is printable ASCII and never
 * empty.
 */
export type Form = "id" | "instant" | "enum" | "integer" | "text" | "json";

/** The forms that values of a type may have: a wrong one does not compile. */
type FormOf<Value> = Value extends Date
  ? "instant"
  : Value extends number
    ? "integer"
    : Value extends string
      ? string extends Value
        ? "id" | "text"
        : "enum"
      : "json";

/** A column of an entity, as statements read it. */
export interface EntityColumn<Value = unknown> {
  /** The alias of its table. */
  alias: string;
  /** The column under that alias. */
  sql: SQL;
  form: Form;
  nullable: boolean;
  /** Set where a rule bounds the length of what would be long by its form. */
  isShort?: boolean;
  /** For the compiler alone, which derives rows from it; never set. */
  value?: Value;
}

/** What a row of the columns holds. */
export type RowOf<Columns> = {
  [Name in keyof Columns]: Columns[Name] extends EntityColumn<infer Value> ? Value : never;
};

/** The table's columns that have a form, in its order, under their properties' names. */
export function columnsOf<
  Table extends PgTable,
  Forms extends {
    [Name in keyof InferSelectModel<Table>]?: FormOf<NonNullable<InferSelectModel<Table>[Name]>>;
  },
>(
  alias: string,
  table: Table,
  forms: Forms,
): { [Name in keyof Forms & keyof InferSelectModel<Table>]: EntityColumn<InferSelectModel<Table>[Name]> };
export function columnsOf(alias: string, table: PgTable, forms: Record<string, Form>): Record<string, EntityColumn> {
  const columns = getTableColumns(table);
  return Object.fromEntries(
    Object.entries(forms).map(([name, form]) => {
      const column = columns[name];
      if (column === undefined) throw new Error(`The table has no column ${name}.`);
      return [name, { alias, sql: sql.raw(`${alias}.${column.name}`), form, nullable: !column.notNull }];
    }),
  );
}

/** Whether a value may be as long as a caller likes. */
export function mayBeLong({ form, isShort = false }: EntityColumn): boolean {
  if (isShort) return false;
  return form === "text" || form === "json";
}
