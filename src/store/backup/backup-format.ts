import { createHash, type Hash } from "node:crypto";

import { z } from "zod";

// A backup is a text, packed with zstd: a line of JSON that describes it; for each table a line of JSON with its columns, the
// rows as `COPY` writes them and the line `\.`; at the end a line of JSON with the digest of all lines before it.

/** The number of this format. A reader refuses a greater one. */
const FORMAT_VERSION = 1;
/** The line behind a table's rows. COPY writes no such row: it escapes backslashes. */
export const END_OF_ROWS = "\\.\n";

const FORMAT = "conversation-graph backup";

const versionRule = z.object({ format: z.literal(FORMAT), version: z.int().positive() });
const headerRule = versionRule.extend({
  createdAt: z.iso.datetime(),
  /** The hashes of the migrations that the database had, in their order. */
  migrations: z.array(z.string()),
});
const tableRule = z.object({ table: z.string(), columns: z.array(z.string()) });
const endRule = z.object({ sha256: z.string() });

type BackupHeader = z.output<typeof headerRule>;
export type BackupTable = z.output<typeof tableRule>;
type BackupEnd = z.output<typeof endRule>;

/** The reason why another file is not restored. */
export const NO_BACKUP = "it is no backup of conversation-graph";

/** The reason why a backup of a later version is not restored. */
export const LATER_VERSION = "a later version of conversation-graph wrote it: restore it with that version";

/** A backup that cannot be restored, or a database that cannot be backed up, with the reason for people. */
export class BackupError extends Error {
  override readonly name = "BackupError";
}

/** The first line for a database with these migrations. */
export function writeHeader(migrations: string[]): string {
  return toLine({ format: FORMAT, version: FORMAT_VERSION, createdAt: new Date().toISOString(), migrations });
}

/** The value as a line of JSON. */
export function toLine(value: BackupHeader | BackupTable | BackupEnd): string {
  return `${JSON.stringify(value)}\n`;
}

/** The first line. Throws BackupError for one of another format, and of a later version of this one. */
export function parseHeader(line: string): BackupHeader {
  const value = parseJson(line);
  const { data: version } = versionRule.safeParse(value);
  if (version === undefined) throw new BackupError(NO_BACKUP);
  if (version.version > FORMAT_VERSION) throw new BackupError(LATER_VERSION);
  return parse(headerRule, value);
}

/** The line before a table's rows, or the last one. */
export function parseSection(line: string): BackupTable | BackupEnd {
  return parse(z.union([tableRule, endRule]), parseJson(line));
}

/** The error for content that is not as it was written. */
export function damaged(cause?: unknown): BackupError {
  return new BackupError("it is damaged: its content is not what was written", { cause });
}

/** The error for a backup whose end is missing. */
export function cutOff(): BackupError {
  return new BackupError("it is cut off: its end is missing");
}

/** The digest of what comes before the last line. */
export function startDigest(): Hash {
  return createHash("sha256");
}

function parse<Value>(rule: z.ZodType<Value>, value: unknown): Value {
  const { data, error } = rule.safeParse(value);
  if (data === undefined) throw damaged(error);
  return data;
}

function parseJson(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
