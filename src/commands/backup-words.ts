import { BackupError } from "../store/backup/backup-format.ts";
import type { RowCounts } from "../store/backup/write-backup.ts";

/** The numbers of rows in words. */
export function describeRows(counts: RowCounts): string {
  const nouns = ["projects", "keys", "conversations", "turns"];
  return nouns.map((noun) => `${counts.get(noun) ?? 0} ${noun}`).join(", ");
}

/** A BackupError as a sentence with this beginning; any other error unchanged. */
export function explainBackupError(error: unknown, beginning: string): unknown {
  return error instanceof BackupError ? new Error(`${beginning}: ${error.message}.`, { cause: error }) : error;
}
