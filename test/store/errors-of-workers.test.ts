import { pino } from "pino";
import { afterAll, beforeAll, expect, test } from "vitest";

import { readConfig } from "../../src/config.ts";
import { type RunningServer, startServer } from "../../src/server/server.ts";
import type { Database } from "../../src/store/database/client.ts";
import { importConversation } from "../../src/store/write/import-conversation.ts";
import { conversation, store, turn } from "../harness/conversations.ts";
import { withErrorsOfWorkers } from "../harness/from-worker.ts";
import { post } from "../harness/graphql.ts";
import { startTestServer, type TestServer } from "../harness/server.ts";
import { says } from "../harness/writes.ts";

interface Side {
  origin: string;
  database: Database;
}

let server: TestServer;
let other: RunningServer;
let sides: Side[];
beforeAll(async () => {
  server = await startTestServer();
  await store(server.database, [
    conversation("conv_1", { turns: [turn("turn_1"), turn("own turn")] }),
    conversation("own"),
  ]);
  const database = withErrorsOfWorkers(server.database);
  const config = readConfig({ PORT: "0", DATABASE_URL: server.url });
  other = await startServer({ config, database, log: pino({ level: "silent" }) });
  sides = [server, { origin: new URL(other.url).origin, database }];
});
afterAll(async () => {
  await other.close();
  await server.close();
});

const mutation = (name: string, input: object) => async (side: Side) => {
  const document = `mutation ($input: ${name.charAt(0).toUpperCase()}${name.slice(1)}Input!) { ${name}(input: $input) { __typename } }`;
  const { errors } = await post(side, document, { input });
  return errors?.map(({ message, extensions: { code, argument } }) => ({ code, message, argument }));
};

const importing =
  (...given: Parameters<typeof conversation>) =>
  (side: Side) =>
    importConversation(side.database, "default", conversation(...given), { replace: false }).then(
      () => null,
      ({ code, message, argument }) => [{ code, message, argument }],
    );

const TAKEN = "This id names an object of the project already.";

test.each<[string, (side: Side) => Promise<unknown>, object]>([
  ["a conversation's id", mutation("createConversation", { id: "own" }), { code: "CONFLICT", argument: "input.id" }],
  ["a turn's id", mutation("createConversation", { id: "own turn" }), { message: TAKEN, argument: "input.id" }],
  [
    "the id of a turn of a new conversation",
    mutation("createConversation", { turns: [says("a"), { ...says("b"), id: "own turn" }] }),
    { message: TAKEN, argument: "input.turns.1.id" },
  ],
  [
    "the id of an appended turn",
    mutation("appendTurn", { conversationId: "conv_1", turn: { ...says("a"), id: "own" } }),
    { message: TAKEN, argument: "input.turn.id" },
  ],
  [
    "an imported turn's id",
    importing("conv_2", { turns: [turn("turn_1")] }),
    { code: "CONFLICT", message: "The id turn_1 names another object of the project already." },
  ],
  ["an imported conversation's id", importing("own turn"), { code: "CONFLICT" }],
  [
    "imported metadata",
    importing("conv_3", { metadata: { long: "v".repeat(513) } }),
    { code: "BAD_USER_INPUT", message: "The database refuses it: it breaks conversations_metadata_check." },
  ],
])("%s that the database refuses is the same error from a worker", async (_what, ask, error) => {
  const [usual, handedOn] = await Promise.all(sides.map(ask));
  expect(usual).toEqual([expect.objectContaining(error)]);
  expect(handedOn).toEqual(usual);
});
