import type { ConversationRecord } from "../model/conversation-record.ts";
import { generateConversation } from "../seed/generate-conversation.ts";
import type { Database } from "../store/database/client.ts";
import { ensureProject } from "../store/keys/projects.ts";
import { readNodes } from "../store/read/nodes.ts";
import { insertConversations } from "../store/write/conversation.ts";
import { defineCommand, UsageError } from "./command.ts";
import { startProgress } from "./progress.ts";
import { readProjectId } from "./project-option.ts";
import { INTERRUPTED } from "./stop-signal.ts";

const BATCH = 250;

export const seedCommand = defineCommand({
  name: "seed",
  summary: "Fills a project with realistic generated conversations, for development and benchmarks.",
  details: `The same number and seed give the same conversations, ids included; a larger number gives the same ones and more.
Conversations that are stored already are left alone.`,
  options: {
    conversations: { type: "string", placeholder: "N", description: "how many conversations (required)" },
    project: { type: "string", placeholder: "P", description: "the project to fill, created when new (default)" },
    seed: { type: "string", placeholder: "S", description: "any text; another one gives other conversations (1)" },
  },
  positionals: [],
  kept: "Conversations that were added before it are kept. Run the same command again to go on.",
  async run({ values, signal, out, openDatabase }) {
    const total = readCount(values.conversations);
    const projectId = readProjectId(values.project);
    const seed = values.seed ?? "1";
    const database = await openDatabase();
    await ensureProject(database, projectId);
    const progress = startProgress(total);
    let added = 0;
    let done = 0;
    try {
      while (done < total && !signal.aborted) {
        const records = generateBatch(done, Math.min(BATCH, total - done), seed);
        added += await addMissing(database, projectId, records);
        done += records.length;
        progress.update(done, done);
      }
    } finally {
      progress.stop();
      out(`added ${added} conversations (${done - added} were there already)`);
    }
    return signal.aborted ? INTERRUPTED : 0;
  },
});

function readCount(text: string | undefined): number {
  if (text !== undefined && /^[1-9]\d{0,7}$/.test(text)) return Number(text);
  throw new UsageError("--conversations must be a whole number from 1 to 99999999");
}

function generateBatch(first: number, size: number, seed: string): ConversationRecord[] {
  return Array.from({ length: size }, (_, offset) => generateConversation(first + offset, seed));
}

/** Stores the conversations that the project lacks; resolves to their number. */
async function addMissing(
  database: Database,
  projectId: string,
  records: readonly ConversationRecord[],
): Promise<number> {
  const ids = records.map(({ id }) => id);
  const known = await readNodes(database, { projectId, isolationKey: null }, ids);
  const missing = records.filter(({ id }) => !known.has(id));
  if (missing.length > 0) await insertConversations(database, projectId, missing);
  return missing.length;
}
