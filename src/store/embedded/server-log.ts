import { constants } from "node:fs";
import { type FileHandle, open, rm } from "node:fs/promises";

import type { Account } from "./account.ts";
import type { Cluster } from "./cluster.ts";
import { isDeviceFull, saysDiskFull } from "./disk-space.ts";

/** The size at which the log is cut. The part before is kept until the next cut. */
const MAX_BYTES = 8 << 20;
/** The most that is read of the lines since the last read: few lines follow one that reports a fault. */
const READ_BYTES = 64 << 10;
const TELL_AGAIN_MS = 60_000;

export interface ServerLog {
  /** Reads what PostgreSQL has written since the last call, and cuts a log that has grown long. Never throws. */
  look(): Promise<void>;
  /** Whether the device of the data is full, or was at a `look` since the log was opened. */
  wasDeviceFull(): Promise<boolean>;
  /** Calls the listener when a `look` finds the device full, at most once a minute. */
  onDeviceFull(listener: () => void): void;
}

const { O_CREAT, O_EXCL, O_NOFOLLOW, O_RDONLY, O_RDWR, O_WRONLY } = constants;

type Logging = Pick<Cluster, "path" | "logFile" | "account">;

/** Reads the log of the cluster's server from its present end on. */
export async function openServerLog(cluster: Logging): Promise<ServerLog> {
  const { logFile, path } = cluster;
  let position = await readFrom(logFile, Number.POSITIVE_INFINITY).then(
    ({ end }) => end,
    () => 0,
  );
  let wasFull = false;
  let toldAt = Number.NEGATIVE_INFINITY;
  let tell = () => {};

  async function look(): Promise<void> {
    const { text, end } = await readFrom(logFile, position).catch(() => ({ text: "", end: 0 }));
    position = end;
    if (end > MAX_BYTES) await cut(cluster).catch(() => {});
    if (!saysDiskFull(text) && !(await isDeviceFull(path).catch(() => false))) return;
    wasFull = true;
    if (performance.now() - toldAt < TELL_AGAIN_MS) return;
    toldAt = performance.now();
    tell();
  }

  return {
    look,
    async wasDeviceFull() {
      await look();
      return wasFull;
    },
    onDeviceFull(listener) {
      tell = listener;
    },
  };
}

/** The text of the log behind the position, or its last 64 KB when there is more, and the position of the end. */
async function readFrom(logFile: string, position: number): Promise<{ text: string; end: number }> {
  await using log = await openRegular(logFile, O_RDONLY);
  const { size: end } = await log.stat();
  // A log that is shorter than before has been cut, and all of it is new.
  const start = Math.max(end < position ? 0 : position, end - READ_BYTES);
  return { text: (await readRange(log, start, end)).toString(), end };
}

/**
 * Moves the end of the log into a file beside it. PostgreSQL has opened the log for appending, and continues at its
 * start. PostgreSQL's own logging collector bounds the size of each file, but not their number.
 */
async function cut({ logFile, account }: Logging): Promise<void> {
  await using log = await openRegular(logFile, O_RDWR);
  const { size } = await log.stat();
  const end = await readRange(log, Math.max(0, size - MAX_BYTES), size);
  // Another process on the same database has cut it.
  if (end.length < MAX_BYTES) return;
  // Without the copy the log is cut all the same: on a full device that makes room.
  await writeNew(`${logFile}.1`, end, account).catch(() => {});
  await log.truncate();
}

async function writeNew(file: string, content: Buffer, { uid, gid }: Account): Promise<void> {
  await rm(file, { force: true });
  try {
    await using copy = await openRegular(file, O_WRONLY | O_CREAT | O_EXCL);
    if (uid !== undefined && gid !== undefined) await copy.chown(uid, gid);
    await copy.writeFile(content);
  } catch (error) {
    await rm(file, { force: true });
    throw error;
  }
}

/**
 * Opens the file, and throws for a symbolic link: one that PostgreSQL's account put there must not lead root elsewhere.
 */
function openRegular(file: string, flags: number): Promise<FileHandle> {
  return open(file, flags | O_NOFOLLOW, 0o600);
}

/** The bytes of the range; fewer when the file ends earlier. */
async function readRange(file: FileHandle, start: number, end: number): Promise<Buffer> {
  const { buffer, bytesRead } = await file.read(Buffer.alloc(Math.max(0, end - start)), 0, null, start);
  return buffer.subarray(0, bytesRead);
}
