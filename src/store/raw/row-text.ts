import { type SQL, sql } from "drizzle-orm";

import type { EntityColumn, Form } from "../sql/entity-columns.ts";
import { toUtcJson } from "../sql/instants.ts";

/** The control character that stands before or between texts of a row, turns, lists of turns, and conversations. */
export const MARKS = { text: 0x1f, turn: 0x1e, list: 0x1d, conversation: 0x1c };

/** The character as an expression. */
export function mark(character: number): SQL {
  return sql.raw(`chr(${character})`);
}

/** An expression: the leading texts, which are never null, and the columns' values between marks, for `splitValues`. */
export function rowText(leading: readonly SQL[], columns: readonly EntityColumn[]): SQL {
  return sql`concat_ws(${sql.join([mark(MARKS.text), ...leading, ...columns.map(valueText)], sql`, `)})`;
}

/**
 * The value as a text without marks that is never null: `concat_ws` leaves a null out, and every later text would stand in
 * the place of the one before it. Null is the empty text, which no value is.
 */
function valueText({ sql: value, form, nullable }: EntityColumn): SQL {
  const text = toText(value, form);
  if (!nullable) return text;
  return sql`coalesce(${IS_TEXT[form] ? text : sql`${text}::text`}, '')`;
}

function toText(value: SQL, form: Form): SQL {
  // A `text` may hold any character, or none. As JSON it has quotes, and its control characters are escaped.
  if (form === "text") return sql`to_json(${value})::text`;
  if (form === "instant") return toUtcJson(value);
  return value;
}

/** Whether `toText` gives the form as a text. */
const IS_TEXT: Record<Form, boolean> = {
  id: true,
  enum: true,
  text: true,
  instant: true,
  integer: false,
  json: false,
};
