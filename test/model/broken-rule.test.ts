import { expect, test } from "vitest";

import { brokenRule } from "../../src/model/broken-rule.ts";

const failure = (fields: object) => Object.assign(new Error(), fields);

test.each([
  [
    "23514",
    'new row for relation "turns_102047" violates check constraint "turns_bytes_check"',
    "turns",
    "turns_bytes_check",
  ],
  ["23505", 'duplicate key value violates unique constraint "turns_pk_102011"', undefined, "turns_pk"],
  [
    "XX000",
    'insert or update on table "turns_102019" violates foreign key constraint "turns_fk_102019"',
    "turns",
    "turns_fk",
  ],
  ["22P02", 'invalid input syntax for type json: "table "mine" violates constraint "secret""', undefined, undefined],
  ["42P01", 'relation "turns_102047" does not exist', undefined, undefined],
])("an error %s of a worker, %j, names the table %s and the rule %s", (code, message, table, constraint) => {
  expect(brokenRule(failure({ code, message }))).toEqual({ table, constraint });
});

test("what PostgreSQL names by itself, of a part on the coordinator too, needs no message", () => {
  const named = { table_name: "keys_102049", constraint_name: "keys_pkey_102049" };
  expect(brokenRule(failure({ code: "23505", message: "verletzt", ...named }))).toEqual({
    table: "keys",
    constraint: "keys_pkey",
  });
});
