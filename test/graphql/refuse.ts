import { sql } from "drizzle-orm";
import { expect } from "vitest";

import { conversation, store, turn } from "../harness/conversations.ts";
import { post } from "../harness/graphql.ts";
import { startTestServer, type TestServer } from "../harness/server.ts";

/** A document for each mutation. */
export const DOCUMENTS = {
  createConversation:
    "mutation ($input: CreateConversationInput!) { createConversation(input: $input) { conversation { id } } }",
  updateConversation:
    "mutation ($input: UpdateConversationInput!) { updateConversation(input: $input) { conversation { id } } }",
  deleteConversation:
    "mutation ($input: DeleteConversationInput!) { deleteConversation(input: $input) { deletedConversationId } }",
  appendTurn: "mutation ($input: AppendTurnInput!) { appendTurn(input: $input) { turn { id } } }",
  updateTurn: "mutation ($input: UpdateTurnInput!) { updateTurn(input: $input) { turn { id } } }",
} as const;
export type Mutation = keyof typeof DOCUMENTS;
export type Input = Record<string, unknown>;

/** A server that knows the conversation `c` with a question, an answer in progress and a finished answer, and another. */
export async function startWithTurns(): Promise<TestServer> {
  const server = await startTestServer();
  const answering = { role: "assistant", state: "in-progress" } as const;
  const turns = [turn("question"), turn("answer", answering), turn("finished", { role: "assistant" })];
  await store(server.database, [conversation("c", { turns }), conversation("other", { turns: [turn("elsewhere")] })]);
  return server;
}

/** Sends what must be refused with this code, and nothing of it stored; answers the error's message and argument. */
export async function refuse(
  server: TestServer,
  mutation: Mutation,
  input: Input,
  code: string,
): Promise<{ message: string | undefined; argument: unknown }> {
  const before = await readStored(server);
  const { data, errors } = await post(server, DOCUMENTS[mutation], { input });
  expect(errors).toHaveLength(1);
  const [error] = errors ?? [];
  expect(error?.extensions.code).toBe(code);
  expect(data ?? { [mutation]: null }).toEqual({ [mutation]: null });
  expect(await readStored(server)).toEqual(before);
  return { message: error?.message, argument: error?.extensions.argument };
}

async function readStored({ database }: TestServer): Promise<unknown> {
  return database.rows(sql`
    SELECT (SELECT json_agg(c ORDER BY c.id) FROM conversations c)::text AS conversations,
      (SELECT json_agg(h ORDER BY h.conversation_id) FROM conversation_heads h)::text AS heads,
      (SELECT json_agg(t ORDER BY t.id) FROM turns t)::text AS turns, (SELECT count(*) FROM idempotency_keys) AS keys`);
}

/** A turn's input for the conversation `c`. */
export function byAssistant(given: Input): Input {
  return { conversationId: "c", turn: { role: "ASSISTANT", messages: [], ...given } };
}

/** The same, said by the user. */
export function byUser(given: Input): Input {
  return { conversationId: "c", turn: { role: "USER", messages: [], ...given } };
}
