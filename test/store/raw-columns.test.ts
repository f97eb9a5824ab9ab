import { type SQL, sql } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Database } from "../../src/store/database/client.ts";
import { MARKS, rowText } from "../../src/store/raw/row-text.ts";
import { isNull, readText, splitValues } from "../../src/store/raw/values.ts";
import type { EntityColumn, Form } from "../../src/store/sql/entity-columns.ts";
import { connectTo } from "../harness/connect.ts";
import { createDatabase, type TestDatabase } from "../harness/database.ts";

let files: TestDatabase;
let database: Database;
beforeAll(async () => {
  files = await createDatabase();
  database = connectTo(files.url);
});
afterAll(async () => {
  await database.close();
  await files.drop();
});

/** Of each form a value, and the text that it comes as. */
const FORMS: [Form, SQL, string][] = [
  ["id", sql`'turn_1'::text`, "turn_1"],
  ["instant", sql`'2024-05-20T10:00:00.5Z'::timestamptz(3)`, '"2024-05-20T10:00:00.5"'],
  ["enum", sql`'in-progress'::text`, "in-progress"],
  ["integer", sql`(-7)::integer`, "-7"],
  ["text", sql`(chr(31) || '"' || chr(28) || chr(10))::text`, String.raw`"\u001f\"\u001c\n"`],
  ["text", sql`''::text`, '""'],
  ["json", sql`'{"a": [1.0,${sql.raw("\n")} null]}'::json`, '{"a": [1.0,\n null]}'],
];

/** In a session whose settings are not those of the program, as that of another machine. */
async function read(columns: readonly Pick<EntityColumn, "sql" | "form" | "nullable">[]): Promise<(string | null)[]> {
  const named = columns.map((column) => ({ alias: "x", ...column }));
  const [row] = await database.transaction(async (transaction) => {
    await transaction.rows(sql`SET LOCAL TimeZone = 'Europe/Berlin'`);
    await transaction.rows(sql`SET LOCAL DateStyle = 'German'`);
    return transaction.rows<{ text: string }>(sql`SELECT ${rowText([sql`'id'`], named)} AS text`);
  });
  const bytes = Buffer.from(row?.text ?? "");
  const values = splitValues(bytes, 0, bytes.length, MARKS.text, columns.length + 1);
  return columns.map((_column, index) => (isNull(values, index + 1) ? null : readText(values, index + 1)));
}

describe("a raw row has each column in its place", () => {
  test.each(FORMS)("%s", async (form, value, text) => {
    const next = { sql: sql`1`, form: "integer", nullable: false } as const;
    const missing = sql`NULLIF(${value}::text, ${value}::text)::${sql.raw(TYPES[form])}`;
    expect(await read([{ sql: value, form, nullable: false }, next])).toEqual([text, "1"]);
    expect(await read([{ sql: value, form, nullable: true }, next])).toEqual([text, "1"]);
    expect(await read([{ sql: missing, form, nullable: true }, next])).toEqual([null, "1"]);
  });
});

const TYPES: Record<Form, string> = {
  id: "text",
  instant: "timestamptz",
  enum: "text",
  integer: "integer",
  text: "text",
  json: "json",
};
