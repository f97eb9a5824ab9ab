import { InputError, type RecordError } from "../formats/format-errors.ts";
import type { ReadingNotes } from "../formats/reading-notes.ts";
import type { ConversationRecord } from "../model/conversation-record.ts";
import type { Database } from "../store/database/client.ts";
import { ensureProject } from "../store/keys/projects.ts";
import { importOne } from "./import-one.ts";
import type { ImportSettings } from "./import-settings.ts";
import { ImportTally } from "./import-tally.ts";
import { startProgress } from "./progress.ts";
import { ServiceError } from "./pull/service.ts";
import { INTERRUPTED } from "./stop-signal.ts";

/** A conversation on its way in. */
export interface IncomingRecord {
  /** Where it stands in its source, for messages; may be empty. */
  position: string;
  /** The checked conversation, what is wrong with it, or that it is known and was not looked at. */
  result: ConversationRecord | RecordError | "known";
  /** How much of the source has been dealt with, this record included, in the unit of the source's total. */
  done: number;
}

export interface ConversationSource {
  /** What messages call it. */
  name: string;
  /** How much there is, as far as that is known; null when it is not. */
  total: number | null;
  records: AsyncIterable<IncomingRecord>;
  /** What its reader leaves out, said at the end. */
  notes: ReadingNotes;
}

/** What a database or a service that fails in the middle leaves behind. */
export const KEPT_OF_AN_IMPORT =
  "Conversations that were imported before it are kept, each of them whole. Run the same command again to go on.";

/**
 * Stores what the source gives, one conversation after the other and each whole or not at all; says on standard error
 * what is wrong, and at the end what was done. Answers the exit status: 0, 1 when anything could not be taken in, 130
 * when it was interrupted. Throws when the database fails.
 */
export async function importAll(
  source: ConversationSource,
  { database, settings, signal, out }: TakeInContext,
): Promise<number> {
  await ensureProject(database, settings.projectId);
  const tally = new ImportTally();
  const progress = startProgress(source.total);
  try {
    for await (const { position, result, done } of source.records) {
      if (signal.aborted) break;
      const outcome = result === "known" ? result : await importOne(database, settings, result);
      tally.count(outcome);
      if (outcome instanceof Error) {
        progress.say([source.name, position, outcome.message].filter((part) => part !== "").join(": "));
      }
      progress.update(done, tally.records);
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

interface TakeInContext {
  database: Database;
  settings: ImportSettings;
  signal: AbortSignal;
  out(line: string): void;
}
