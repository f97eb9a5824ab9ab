import { InputError } from "../formats/format-errors.ts";
import type { ReadingNotes } from "../formats/reading-notes.ts";
import type { Database } from "../store/database/client.ts";
import { ensureProject } from "../store/keys/projects.ts";
import type { IncomingRecord } from "./import-one.ts";
import { ImportQueue } from "./import-queue.ts";
import type { ImportSettings } from "./import-settings.ts";
import { ImportTally } from "./import-tally.ts";
import { startProgress } from "./progress.ts";
import { ServiceError } from "./pull/service.ts";
import { INTERRUPTED } from "./stop-signal.ts";

export interface ConversationSource {
  /** The source's name in messages. */
  name: string;
  /** The size of the source; null when it is unknown. */
  total: number | null;
  records: AsyncIterable<IncomingRecord>;
  /** What the reader left out, printed at the end. */
  notes: ReadingNotes;
}

/** What remains when a database or a service fails in the middle. */
export const KEPT_OF_AN_IMPORT =
  "Conversations that were imported before it are kept, each of them whole. Run the same command again to go on.";

/**
 * Stores the conversations of the source as if in their order, each whole or not at all. Prints faults on standard error as they
 * come, and a summary at the end. Resolves to the exit status: 0; 1 when any record was refused; 130 when interrupted.
 * Throws when the database fails.
 */
export async function importAll(
  source: ConversationSource,
  { database, settings, signal, out }: ImportContext,
): Promise<number> {
  await ensureProject(database, settings.projectId);
  const tally = new ImportTally();
  const progress = startProgress(source.total);
  const queue = new ImportQueue({
    database,
    settings,
    signal,
    onOutcome({ position, done }, outcome) {
      tally.count(outcome);
      if (outcome instanceof Error) {
        progress.say([source.name, position, outcome.message].filter((part) => part !== "").join(": "));
      }
      progress.update(done, tally.records);
    },
  });
  try {
    try {
      for await (const record of source.records) {
        if (signal.aborted) break;
        await queue.add(record);
      }
    } finally {
      // What was read before the rest could not be is stored.
      await queue.end();
    }
  } catch (error) {
    if (error instanceof InputError) {
      tally.count(error);
      progress.say(`${source.name}: ${error.message}`);
      if (error instanceof ServiceError) progress.say(KEPT_OF_AN_IMPORT);
    } else if (!(signal.aborted && error instanceof Error && error.name === "AbortError")) {
      throw error;
    }
  } finally {
    progress.stop();
    for (const line of source.notes.lines()) progress.say(line);
    out(tally.summary());
  }
  if (signal.aborted) return INTERRUPTED;
  return tally.refused === 0 ? 0 : 1;
}

interface ImportContext {
  database: Database;
  settings: ImportSettings;
  signal: AbortSignal;
  out(line: string): void;
}
