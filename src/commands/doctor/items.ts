import { checkProjection } from "../../items/check-projection.ts";
import type { Database } from "../../store/database/client.ts";
import { listProjects } from "../../store/keys/projects.ts";
import { exportConversations } from "../../store/read/export-conversations.ts";
import type { Finding } from "./finding.ts";

// A line each; the rest is counted.
const MOST_NAMED = 20;

/**
 * Findings about the turns that were made of items: each that says something else than its items, in whatever project. Reads
 * every conversation.
 */
export async function* examineItems(database: Database): AsyncGenerator<Finding, void> {
  let checked = 0;
  let different = 0;
  for (const projectId of await listProjects(database)) {
    for await (const record of exportConversations(database, { projectId, isolationKey: null }, null)) {
      const found = checkProjection(record);
      checked += found.checked;
      for (const position of found.different) {
        different += 1;
        if (different > MOST_NAMED) continue;
        const text = `turn ${position} of conversation ${record.id} in project ${projectId} says something else than its items`;
        yield { level: "fail", subject: "items", text };
      }
    }
  }
  if (different > MOST_NAMED) {
    yield { level: "fail", subject: "items", text: `${different - MOST_NAMED} more turns say something else` };
  }
  if (different === 0) yield { level: "ok", subject: "items", text: `${checked} turns say what their items do` };
}
