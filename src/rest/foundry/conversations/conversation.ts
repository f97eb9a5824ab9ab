import { type Answer, jsonAnswer } from "../../../http/answer.ts";
import type { ConversationRow } from "../../../store/read/conversations.ts";
import { describeConversation, deleteConversation as remove } from "../../../store/write/change-conversation.ts";
import { createConversation as create } from "../../../store/write/create-conversation.ts";
import { parseBody } from "./body.ts";
import { invalidType, missingParameter } from "./faults.ts";
import { toIdempotency } from "./idempotency.ts";
import { readItems } from "./items-input.ts";
import { readMetadata } from "./metadata.ts";
import { type Call, checkAgent, findConversation } from "./place.ts";
import { wordingErrors } from "./store-errors.ts";

/** Stores a new conversation; on the endpoint of an agent, one of that agent. */
export async function createConversation(call: Call): Promise<Answer> {
  const { store, agent } = call;
  const body = await parseBody(await call.body(), true);
  const metadata = readMetadata(body) ?? {};
  const { items, texts } = readItems(body, call.maxItems) ?? { items: [], texts: [] };
  const idempotency = toIdempotency("conversations.create", call, { agent, metadata, items: texts });
  const conversation = { id: null, createdAt: new Date(), agent, metadata, turns: [] };
  const conversationId = await wordingErrors(call, () =>
    create(store.writes, store.scope, conversation, idempotency, { items, agent }),
  );
  await store.wrote(conversationId);
  return conversationAnswer(await findConversation({ ...call, conversationId }, store.writes));
}

/** The conversation of the path. */
export async function retrieveConversation(call: Call): Promise<Answer> {
  return conversationAnswer(await findConversation(call, call.store.reads));
}

/** Replaces the conversation's metadata. */
export async function updateConversation(call: Call): Promise<Answer> {
  const { store, conversationId } = call;
  const metadata = readMetadata(await parseBody(await call.body(), true));
  if (metadata === undefined) throw missingParameter("metadata");
  if (metadata === null) throw invalidType("metadata", "an object", null);
  await checkAgent(call, store.writes);
  const change = { metadata, pairs: { set: {}, remove: [] }, expectedRevision: null };
  await wordingErrors(call, () => describeConversation(store.writes, store.scope, conversationId, change));
  await store.wrote(conversationId);
  return conversationAnswer(await findConversation(call, store.writes));
}

/** Deletes the conversation with all that it has. */
export async function deleteConversation(call: Call): Promise<Answer> {
  const { store, conversationId } = call;
  await checkAgent(call, store.writes);
  await wordingErrors(call, () => remove(store.writes, store.scope, conversationId));
  await store.wrote(conversationId);
  return jsonAnswer(200, { id: conversationId, object: "conversation.deleted", deleted: true });
}

/** A conversation as the API shows it. */
export function conversationAnswer({ id, createdAt, metadata }: ConversationRow): Answer {
  const body = { id, object: "conversation", created_at: Math.floor(createdAt.getTime() / 1000), metadata };
  return jsonAnswer(200, body);
}
