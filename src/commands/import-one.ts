import { RecordError } from "../formats/format-errors.ts";
import type { ConversationRecord } from "../model/conversation-record.ts";
import { type ApiError, toApiError } from "../model/errors.ts";
import { MAX_TURN_BYTES } from "../model/rules.ts";
import type { Database } from "../store/database/client.ts";
import { turnBytes } from "../store/sql/turn-bytes.ts";
import { type ImportResult, importConversation } from "../store/write/import-conversation.ts";
import type { ImportSettings } from "./import-settings.ts";

/** A conversation on its way into the store. */
export interface IncomingRecord {
  /** The place in its source, for messages; may be empty. */
  position: string;
  /** The checked conversation, its fault, or `known` for one that is stored already and was not read. */
  result: ConversationRecord | RecordError | "known";
  /** How much of the source is done, this record included, in the unit of the source's total. */
  done: number;
}

/** What became of a record: what was written, or the reason why nothing of it is kept. */
export type ImportOutcome = ImportResult | RecordError | ApiError;

/** A record as it is stored, and the bytes of its turns. */
export interface PreparedRecord {
  record: ConversationRecord;
  bytes: number;
}

/** The record under these settings, or the reason why it is not stored. */
export function prepareRecord(
  settings: ImportSettings,
  read: ConversationRecord | RecordError,
): PreparedRecord | RecordError {
  if (read instanceof RecordError) return read;
  if (settings.isolationKey !== null && settings.isolationKey !== (read.isolationKey ?? settings.isolationKey)) {
    return new RecordError("user", "is another than the user of --user");
  }
  const sizes = read.turns.map((turn) => turnBytes(turn.messages, turn.errorDetail));
  const long = sizes.findIndex((size) => size > MAX_TURN_BYTES);
  if (long >= 0) return new RecordError(`turns[${long}]`, `has more than ${MAX_TURN_BYTES} bytes`);
  const record = {
    ...read,
    isolationKey: read.isolationKey ?? settings.isolationKey,
    agent: read.agent ?? settings.agent,
  };
  const items = [...(read.items ?? []), ...read.turns.flatMap((turn) => turn.items ?? [])];
  const itemBytes = items.reduce((sum, { json }) => sum + json.length, 0);
  return { record, bytes: sizes.reduce((sum, size) => sum + size, itemBytes) };
}

/**
 * Stores one record. Resolves to what was written, or to the reason why nothing of it is kept: it conflicts with a stored
 * conversation, or breaks a rule of the database. Throws when the database fails, which is no record's fault.
 */
export async function importOne(
  database: Database,
  settings: ImportSettings,
  record: ConversationRecord,
): Promise<ImportOutcome> {
  try {
    const result = await importConversation(database, settings.projectId, record, settings);
    if (!("differsFrom" in result)) return result;
    const problem = `is known, and says something else from turn ${result.differsFrom} on`;
    return new RecordError("", `conversation ${record.id} ${problem} (--replace takes this one in its place)`);
  } catch (thrown) {
    const error = toApiError(thrown);
    if (error.code === "CONFLICT" || error.code === "BAD_USER_INPUT") return error;
    throw thrown;
  }
}
