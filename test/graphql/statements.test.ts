import { sql } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { conversation, store, turn } from "../harness/conversations.ts";
import { ask } from "../harness/graphql.ts";
import { startTestServer, type TestServer } from "../harness/server.ts";

let server: TestServer;
let resolving: TestServer;
const assistant = { role: "assistant" } as const;

// One conversation for the one user, 50 for the other, each with 50 turns in which most answer a turn.
const MANY = 50;
const turnsOf = (id: string) =>
  Array.from({ length: MANY }, (_, index) =>
    index % 3 === 0
      ? turn(`turn_${id}_${index}`)
      : turn(`turn_${id}_${index}`, { ...assistant, inReplyToId: `turn_${id}_${index - (index % 3)}` }),
  );
const conversationsOf = (user: string, number: number) =>
  Array.from({ length: number }, (_, index) => `${user}_${index}`).map((id) =>
    conversation(`conv_${id}`, { isolationKey: user, agent: { name: "shop", version: null }, turns: turnsOf(id) }),
  );

beforeAll(async () => {
  server = await startTestServer();
  resolving = await startTestServer({ COMPILE_DOCUMENTS: "0" }, server.url);
  await store(server.database, [...conversationsOf("one", 1), ...conversationsOf("many", MANY)]);
  // Each as a copy of the next one's first turn; the last one's is gone.
  await server.database.rows(sql`
    UPDATE conversations SET forked_from_id = other.id, forked_turn_id = other.turn_id FROM (
      SELECT id, left(id, -1) || (right(id, 1)::integer + 1) AS other FROM conversations WHERE id ~ '[0-8]$'
    ) AS copies, LATERAL (SELECT copies.other AS id, replace(copies.other, 'conv_', 'turn_') || '_0' AS turn_id) AS other
    WHERE conversations.id = copies.id`);
});
afterAll(async () => {
  await resolving.close();
  await server.close();
});

/** The statements that the document takes for that user, with pages and lists of ids of that size. */
function count(one: TestServer, user: string, size: number, document: string): Promise<number> {
  const ids = Array.from({ length: size }, (_, index) => [`conv_${user}_${index}`, `turn_${user}_${index}_1`]).flat();
  const query = `{ ${document.replaceAll("$size", String(size)).replaceAll("$ids", JSON.stringify(ids))} }`;
  return one.countStatements(() => ask(one, query, {}, { "x-ms-user-isolation-key": user }));
}

describe("as many statements for one row as for fifty:", () => {
  test.each([
    ["nothing of the database", 0, 0, "__schema { queryType { name } }"],
    ["a connection of which nothing is asked", 0, 0, "conversations(first: $size) { __typename }"],
    ["a list", 1, 1, "conversations(first: $size) { nodes { id metadata agent { name } updatedAt } }"],
    [
      "its rows, edges and page info",
      1,
      1,
      "conversations(first: $size) { nodes { id } edges { cursor node { id } } pageInfo { hasNextPage hasPreviousPage } }",
    ],
    ["a count alone", 1, 1, "conversations(first: $size) { totalCount }"],
    ["a list and its count", 2, 2, "conversations(first: $size) { totalCount nodes { id } }"],
    [
      "a list under every filter",
      1,
      1,
      'conversations(first: $size, filter: { agentId: "shop", search: "this -that", turnState: DONE }) { nodes { id } }',
    ],
    [
      "a list under two aliases",
      2,
      2,
      "a: conversations(first: $size) { nodes { id } } b: conversations(last: $size) { nodes { id } }",
    ],
    [
      "a list with turns",
      1,
      2,
      "conversations(first: $size) { nodes { turns(first: $size) { nodes { id messages { __typename } } } } }",
    ],
    [
      "with a count of all turns, which every conversation knows",
      1,
      1,
      "conversations(first: $size) { nodes { turns { totalCount } } }",
    ],
    [
      "with a count of some turns",
      1,
      2,
      "conversations(first: $size) { nodes { turns(filter: { role: USER }) { totalCount } } }",
    ],
    ["with previews", 1, 2, "conversations(first: $size) { nodes { a: preview b: preview(length: 3) } }"],
    [
      "with the last turn and its conversation",
      1,
      2,
      "conversations(first: $size) { nodes { lastTurn { id messages { __typename } conversation { id } } } }",
    ],
    [
      "with turns and a count of some turns",
      1,
      3,
      "conversations(first: $size) { nodes { turns(first: $size, filter: { role: USER }) { totalCount nodes { id } } } }",
    ],
    [
      "with the same turns under two aliases",
      1,
      2,
      "conversations(first: $size) { nodes { a: turns(first: $size) { nodes { id } } b: turns(first: $size) { edges { cursor } } } }",
    ],
    [
      "with different turns under two aliases",
      1,
      3,
      "conversations(first: $size) { nodes { a: turns(first: $size) { nodes { id } } b: turns(last: $size) { nodes { id } } } }",
    ],
    [
      "turns that lead back to their conversation",
      1,
      2,
      "conversations(first: $size) { nodes { turns(first: $size) { nodes { conversation { updatedAt } } } } }",
    ],
    [
      "there and back twice",
      3,
      3,
      "conversations(first: $size) { nodes { turns(first: $size) { nodes { conversation { turns(first: 3) { nodes { conversation { id } } } } } } } }",
    ],
    [
      "what turns of the page answer",
      2,
      2,
      "conversations(first: $size) { nodes { turns(first: $size) { nodes { inReplyTo { position } } } } }",
    ],
    [
      "what turns answer that lie outside the page",
      3,
      3,
      "conversations(first: $size) { nodes { turns(first: $size, filter: { role: ASSISTANT }) { nodes { inReplyTo { position } } } } }",
    ],
    [
      "answers of answers",
      2,
      2,
      "conversations(first: $size) { nodes { turns(first: $size) { nodes { inReplyTo { inReplyTo { id } conversation { id } } } } } }",
    ],
    [
      "what conversations were copied from",
      2,
      2,
      "conversations(first: $size) { nodes { forkedFrom { conversation { title } turn { position } } } }",
    ],
    [
      "items of turns, and their turns",
      4,
      4,
      "conversations(first: $size) { nodes { turns(first: 3) { nodes { items { type turn { id } } } } } }",
    ],
    ["nodes of both kinds", 1, 1, "nodes(ids: $ids) { id ... on Turn { position } ... on Conversation { updatedAt } }"],
    [
      "nodes, their turns and conversations",
      1,
      2,
      "nodes(ids: $ids) { ... on Turn { conversation { id } } ... on Conversation { turns(first: $size) { nodes { id } } } }",
    ],
    ["nodes under two aliases", 1, 1, "a: nodes(ids: $ids) { id } b: nodes(ids: $ids) { __typename }"],
    [
      "ids that are none",
      0,
      0,
      'nodes(ids: ["", "\\u0000", "é"]) { id } node(id: "") { id } conversation(id: "\\n") { id }',
    ],
  ])("%s: %i compiled, %i resolved", async (_name, compiled, resolved, document) => {
    for (const [one, statements] of [
      [server, compiled],
      [resolving, resolved],
    ] as const) {
      const counts = [await count(one, "one", 1, document), await count(one, "many", MANY, document)];
      expect(counts).toEqual([statements, statements]);
    }
  });
});
