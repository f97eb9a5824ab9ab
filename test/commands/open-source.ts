import type { ConversationSource } from "../../src/commands/import-all.ts";
import { openFixie } from "../../src/commands/pull/open-fixie.ts";
import { openFoundry } from "../../src/commands/pull/open-foundry.ts";
import { type PullValues, readPullSettings } from "../../src/commands/pull/pull-settings.ts";
import { createService } from "../../src/commands/pull/service.ts";
import { ReadingNotes } from "../../src/formats/reading-notes.ts";

/** What `pull` does before it opens the database: for cases so many that a process for each would take minutes. */
export async function openSource(values: PullValues): Promise<ConversationSource> {
  const settings = await readPullSettings(values);
  const ask = createService({ ...settings, signal: new AbortController().signal });
  const notes = new ReadingNotes();
  if (settings.from === "fixie") return openFixie(settings, ask, notes);
  return openFoundry(settings, { ask, findKnown: async () => new Set(), notes });
}

/** The names of all records that the source gives, in its order, and the message that it ends with; null for none. */
export async function readNames(values: PullValues): Promise<{ names: string[]; failure: string | null }> {
  const names: string[] = [];
  try {
    for await (const { position } of (await openSource(values)).records) names.push(position);
    return { names, failure: null };
  } catch (error) {
    return { names, failure: error instanceof Error ? error.message : String(error) };
  }
}
