import { readFile } from "node:fs/promises";

import { sql } from "drizzle-orm";
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";

import type { Database } from "../../src/store/database/client.ts";
import { connectTo } from "../harness/connect.ts";
import { createDatabase, type TestDatabase } from "../harness/database.ts";

let files: TestDatabase;
let database: Database;

beforeAll(async () => {
  files = await createDatabase();
  database = connectTo(files.url, { prepare: false });
  const shapes = await readFile(new URL("../../drizzle/0000_checked-shapes.sql", import.meta.url), "utf8");
  const rule = shapes.slice(shapes.indexOf("CREATE FUNCTION is_message_fragments"));
  await database.rows(sql.raw(rule.replace("is_message_fragments", "asks_json")));
});
afterAll(async () => {
  await database.close();
  await files.drop();
});

/** What each rule says of the messages, as they are spelled: the answer, or the error's SQLSTATE. */
async function answers(messages: string): Promise<unknown[]> {
  const ask = async (rule: string) => {
    const [row] = await database
      .rows<{ is: unknown }>(sql`SELECT ${sql.raw(rule)}(${messages}::text::json) AS is`)
      .catch((error: { code: string }) => [{ is: error.code }]);
    return row?.is;
  };
  return [await ask("is_message_fragments"), await ask("asks_json")];
}

const spelled = (...texts: string[]) => fc.constantFrom(...texts);
// Of the values that jsonb cannot hold, too.
const VALUE = fc.oneof(
  { arbitrary: spelled('""', '"a"', "{}", "true", "false"), weight: 4 },
  fc.json({ maxDepth: 2 }),
  spelled('"done"', '"in-progress"', '"text"', "null", "1", "[]", '{"a":[1,{}],"a":2}', '{"a":1e200000}', "-1e999999"),
  spelled(
    String.raw`"\u0000"`,
    String.raw`"\ud83d"`,
    String.raw`"\ude42\ud83d"`,
    String.raw`{"\u0000":1}`,
    '"\\u0061"',
  ),
);
const KEY = spelled(
  "kind",
  "content",
  "state",
  "metadata",
  "name",
  "args",
  "response",
  "failed",
  "more",
  String.raw`\u006bind`,
);
const KINDS: Record<string, string[]> = {
  text: ['"content":"a"', '"state":"done"'],
  functionCall: ['"name":"f"', '"args":{"a":1}'],
  functionResponse: ['"name":"f"', '"response":"a"', '"failed":false'],
};

/** A fragment of a kind, with members too much or again, in any order. */
const FRAGMENT = fc
  .tuple(
    fc.constantFrom(...Object.keys(KINDS)),
    fc.array(
      fc.tuple(KEY, VALUE).map(([key, value]) => `"${key}":${value}`),
      { maxLength: 2 },
    ),
    fc.nat(),
  )
  .chain(([kind, more, left]) => {
    const members = [`"kind":"${kind}"`, ...(KINDS[kind] ?? []), ...more];
    // One in so many lacks a member.
    const kept = members.filter((_member, at) => at !== left % 20);
    return fc.shuffledSubarray(kept, { minLength: kept.length });
  })
  .map((members) => `{${members.join(",")}}`);

const MESSAGES = fc.oneof(
  { arbitrary: fc.array(FRAGMENT, { maxLength: 3 }).map((fragments) => `[${fragments.join(" , ")}]`), weight: 9 },
  fc.array(fc.oneof(FRAGMENT, VALUE), { maxLength: 3 }).map((fragments) => `[${fragments.join(",")}]`),
  VALUE,
);

test("the rule of messages says of any JSON what it said when it asked json for each key", async () => {
  const said = new Set<unknown>();
  await fc.assert(
    fc.asyncProperty(MESSAGES, async (messages) => {
      const [now, then] = await answers(messages);
      said.add(now);
      expect(now, messages).toEqual(then);
    }),
    { numRuns: 1500 },
  );
  expect([...said]).toEqual(expect.arrayContaining([true, false]));
});

const call = (args: string) => `[{"kind":"functionCall","name":"f","args":{"a":${args}}}]`;
test.each([
  ["a number beyond numeric", call("1e999999"), true],
  ["a number beyond numeric, in a fragment with another key", call('1e999999,"b":1').replace("args", "arg"), false],
  ["no object, with an escape that is no character", String.raw`["\u0000"]`, false],
  ["an escape that is no character", String.raw`[{"kind":"text","content":"\u0000","state":"done"}]`, "22P05"],
  ["half a character", String.raw`[{"kind":"text","content":"\ud83d","state":"done"}]`, "22P02"],
])("%s", async (_what, messages, expected) => {
  expect(await answers(messages)).toEqual([expected, expected]);
});

// At which depth PostgreSQL gives up depends on its machine. There is one that json holds, and jsonb does not.
test("a value is nested as deep as json holds", async () => {
  for (let depth = 2000; depth <= 24_000; depth += 2000) {
    const [now, then] = await answers(call("[".repeat(depth) + "]".repeat(depth)));
    expect(now, `${depth}`).toEqual(then);
  }
});
