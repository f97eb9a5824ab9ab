import { existsSync, statfsSync } from "node:fs";
import { chmod, mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

const MEMORY = "/dev/shm";
const ROOM = 4 * 2 ** 30;

/** A new folder for the files of databases, which only its owner may enter. */
export function newDatabaseFolder(): Promise<string> {
  return mkdtemp(join(hasRoomInMemory() ? MEMORY : tmpdir(), "conversation-graph-test-"));
}

/** The same, open to whatever account PostgreSQL's programs run under. */
export async function newOpenFolder(): Promise<string> {
  const folder = await newDatabaseFolder();
  await chmod(folder, 0o777);
  return folder;
}

/** PostgreSQL makes 300 files for each database: on a disk that takes ten times the processor time. */
function hasRoomInMemory(): boolean {
  if (!existsSync(MEMORY) || process.availableMemory() < 2 * ROOM) return false;
  const { bavail, bsize } = statfsSync(MEMORY);
  return bavail * bsize >= ROOM;
}
