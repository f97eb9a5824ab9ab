import { SAMPLE_CONVERSATIONS } from "../seed/sample-conversations.ts";
import type { Database } from "../store/client.ts";
import { ensureProject, insertConversations } from "../store/write-conversation.ts";

const PROJECT = "default";

/** Stores the sample conversations in the project `default`, all or none. For a database that has no conversations. */
export async function loadSamples(database: Database): Promise<void> {
  await ensureProject(database, PROJECT);
  await insertConversations(database, PROJECT, SAMPLE_CONVERSATIONS);
}
