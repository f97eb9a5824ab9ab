import { type ConversationRecord, type TurnRecord, UNDESCRIBED } from "../../src/model/conversation-record.ts";
import type { MessageFragment } from "../../src/model/message-fragment.ts";
import type { Database } from "../../src/store/database/client.ts";
import { ensureProject } from "../../src/store/keys/projects.ts";
import { deleteConversation } from "../../src/store/write/change-conversation.ts";
import { insertConversations } from "../../src/store/write/conversation.ts";
import { deleteAll } from "../../src/store/write/delete-all.ts";

/** A conversation record with defaults for what the test does not set. */
export function conversation(id: string, given: Partial<ConversationRecord> = {}): ConversationRecord {
  const turns = given.turns ?? [];
  const createdAt = given.createdAt ?? turns[0]?.timestamp ?? new Date("2024-05-20T10:00:00.000Z");
  return {
    ...UNDESCRIBED,
    id,
    createdAt,
    updatedAt: turns.at(-1)?.timestamp ?? createdAt,
    timesMadeUp: false,
    turnIds: "global",
    ...given,
    turns,
  };
}

/** A finished turn record with one text, and defaults for what the test does not set. */
export function turn(id: string, given: Partial<TurnRecord> & { text?: string } = {}): TurnRecord {
  const { text: content = `this is ${id}`, ...rest } = given;
  return {
    id,
    role: "user",
    state: "done",
    timestamp: new Date("2024-05-20T10:00:00.000Z"),
    messages: [text(content)],
    errorDetail: null,
    inReplyToId: null,
    metadata: {},
    revision: null,
    ...rest,
  };
}

/** A finished text fragment. */
export function text(content: string): MessageFragment {
  return { kind: "text", content, state: "done" };
}

/** Stores the records as new conversations of the project. */
export async function store(
  database: Database,
  records: readonly ConversationRecord[],
  projectId = "default",
): Promise<void> {
  await ensureProject(database, projectId);
  await insertConversations(database, projectId, records);
}

/** Deletes the conversation with this id. */
export async function remove(database: Database, id: string, projectId = "default"): Promise<void> {
  await deleteConversation(database, { projectId, isolationKey: null }, id);
}

/** Deletes every conversation of the project. */
export async function removeAll(database: Database, projectId = "default"): Promise<void> {
  await deleteAll(database, { projectId, isolationKey: null }, new AbortController().signal, () => {});
}
