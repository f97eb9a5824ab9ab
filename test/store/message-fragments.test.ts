import { afterAll, beforeAll, describe, expect, test } from "vitest";

import type { Database } from "../../src/store/database/client.ts";
import { connectTo } from "../harness/connect.ts";
import { conversation, store } from "../harness/conversations.ts";
import { createDatabase, type TestDatabase } from "../harness/database.ts";
import { TURN } from "./turn-row-cases.ts";
import { insert, violatedBy } from "./violated-by.ts";

let files: TestDatabase;
let database: Database;

beforeAll(async () => {
  files = await createDatabase();
  database = connectTo(files.url, { prepare: false });
  await store(database, [conversation("conv_1")]);
});
afterAll(async () => {
  await database.close();
  await files.drop();
});

const text = (rest: string) => `{"kind":"text",${rest}}`;
const call = (rest: string) => `{"kind":"functionCall",${rest}}`;
const response = (rest: string) => `{"kind":"functionResponse",${rest}}`;
const GOOD_FRAGMENTS = [
  text('"content":"","state":"done"'),
  text('"content":"a","state":"in-progress","metadata":{}'),
  call('"name":"f","args":{}'),
  call('"name":"f","args":{"a":[1,{"b":12345678901234567890}]},"metadata":{"a":1}'),
  response('"name":"f","response":"{}","failed":false'),
  response('"name":"f","response":"","failed":true,"metadata":{}'),
];

test("messages: every kind of fragment, and any number of them", async () => {
  for (const messages of ["[]", ...GOOD_FRAGMENTS.map((fragment) => `[${fragment}]`), `[${GOOD_FRAGMENTS}]`]) {
    expect(await violatedBy(database, insert("turns", { ...TURN, messages })), messages).toBeNull();
  }
});

describe("no message fragment:", () => {
  test.each(
    [
      [
        "null",
        "1",
        '"text"',
        "[]",
        "{}",
        '{"content":"a","state":"done"}',
        '{"kind":"image"}',
        '{"kind":1}',
        '{"kind":null}',
      ],
      [
        text('"content":"a"'),
        text('"state":"done"'),
        text('"content":1,"state":"done"'),
        text('"content":"a","state":"stopped"'),
      ],
      [text('"content":"a","state":"done","metadata":null'), text('"content":"a","state":"done","metadata":[]')],
      [text('"content":"a","state":"done","name":"f"'), text('"content":"a","state":"done","more":1')],
      [
        call('"name":"f"'),
        call('"args":{}'),
        call('"name":null,"args":{}'),
        call('"name":"f","args":[]'),
        call('"name":"f","args":"{}"'),
      ],
      [call('"name":"f","args":{},"state":"done"'), call('"name":"f","args":{},"metadata":"x"')],
      [
        response('"name":"f","response":"a"'),
        response('"name":"f","failed":false'),
        response('"response":"a","failed":false'),
      ],
      [response('"name":"f","response":{},"failed":false'), response('"name":"f","response":"a","failed":"false"')],
      [
        response('"name":"f","response":"a","failed":false,"args":{}'),
        response('"name":"f","response":"a","failed":null'),
      ],
    ].flat(),
  )("%s", async (fragment) => {
    for (const messages of [`[${fragment}]`, `[${GOOD_FRAGMENTS[0]},${fragment}]`]) {
      expect(await violatedBy(database, insert("turns", { ...TURN, messages }))).toBe("turns_messages_check");
    }
  });
});

test.each(["null", "{}", '"a"', "1"])("messages are a list, not %s", async (messages) => {
  expect(await violatedBy(database, insert("turns", { ...TURN, messages }))).toBe("turns_messages_check");
});
