import { SQL } from "drizzle-orm";
import { pino } from "pino";
import { afterAll, beforeAll, expect, test } from "vitest";

import { readConfig } from "../../src/config.ts";
import { type RunningServer, startServer } from "../../src/server/server.ts";
import { connectTo } from "../harness/connect.ts";
import { conversation, store, turn } from "../harness/conversations.ts";
import { createDatabase } from "../harness/database.ts";
import { ask } from "../harness/graphql.ts";

// A statement that is asked for often is prepared once. Documents that want the same must not make several of it.

let server: RunningServer;
let close: () => Promise<void>;
const texts: string[] = [];

beforeAll(async () => {
  const { url, drop } = await createDatabase();
  const database = connectTo(url);
  const noting: typeof database = {
    ...database,
    readBytes: (statement, ...rest) => {
      if (!(statement instanceof SQL)) texts.push(statement.text);
      return database.readBytes(statement, ...rest);
    },
  };
  await store(database, [conversation("c", { agent: { name: "a", version: "1" }, turns: [turn("t"), turn("u")] })]);
  const config = readConfig({ PORT: "0", DATABASE_URL: url });
  server = await startServer({ config, database: noting, log: pino({ level: "silent" }) });
  close = async () => {
    await server.close();
    await database.close();
    await drop();
  };
});
afterAll(() => close());

/** The documents' answers, each by what it has under these names, and how many statements they take. */
async function run(documents: readonly string[]): Promise<{ answers: unknown[]; statements: number }> {
  texts.length = 0;
  const answers = [];
  for (const query of documents) answers.push(await ask({ origin: new URL(server.url).origin }, query));
  return { answers, statements: new Set(texts).size };
}

const permutations = (words: readonly string[]): string[][] =>
  words.length < 2
    ? [[...words]]
    : words.flatMap((word) => permutations(words.filter((other) => other !== word)).map((rest) => [word, ...rest]));

const OF_CONVERSATION = ["id", "createdAt", "updatedAt", "metadata", "agent { name }"];
const OF_TURN = ["id", "position", "role", "timestamp", "messages { __typename }"];

test.each([
  ["fields of conversations", OF_CONVERSATION, (fields: string) => `{ conversations { nodes { ${fields} } } }`],
  ["fields of turns", OF_TURN, (fields: string) => `{ conversations { nodes { turns { nodes { ${fields} } } } } }`],
  ["fields of a node", OF_TURN, (fields: string) => `{ node(id: "t") { ... on Turn { ${fields} } } }`],
])("%s in every order are read by one statement, each to its place", async (_name, fields, toQuery) => {
  const { answers, statements } = await run(permutations(fields).map((order) => toQuery(order.join(" "))));
  expect(statements).toBe(1);
  for (const answer of answers) expect(answer).toEqual(answers[0]);
});

test("so are what a list leads to, by whichever way it is selected", async () => {
  const cursor = "edges { cursor }";
  const { statements } = await run([
    `{ conversations { nodes { metadata createdAt } ${cursor} } }`,
    `{ conversations { ${cursor} edges { node { createdAt } } nodes { metadata } } }`,
    "{ conversations { nodes { createdAt } pageInfo { endCursor } nodes { metadata } } }",
    "{ conversations { pageInfo { startCursor } edges { node { created: createdAt metadata } } } }",
  ]);
  expect(statements).toBe(1);
});
