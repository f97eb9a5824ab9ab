import { spawn, spawnSync } from "node:child_process";
import { closeSync, constants, fchownSync, linkSync, openSync, readFileSync, renameSync, unlinkSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";

import type { Cluster } from "./cluster.ts";
import { programOptions, runProgram } from "./run-program.ts";

/** The server process of a cluster, as its lock file describes it. */
export interface Postmaster {
  port: number;
  /** Whether it takes connections; false while it starts, recovers or stops. */
  ready: boolean;
}

const SETTINGS = [
  "listen_addresses=127.0.0.1",
  // A socket needs a short path and a folder with the right to write; the data folder may offer neither.
  "unix_socket_directories=",
  "max_connections=100",
  "shared_buffers=128MB",
  // The log records that a statement failed, never its values: details and statements hold texts of conversations.
  "log_error_verbosity=terse",
  "log_min_error_statement=panic",
  "log_checkpoints=off",
];

/**
 * The server that runs on the cluster in this folder (its real path), whichever process started it; null when there is
 * none. A lock file that a killed server or a restart of the machine left behind counts as none.
 */
export function findPostmaster(path: string): Postmaster | null {
  const content = readLockFile(path);
  if (content === null || !isOurs(path, processId(content))) return null;
  const lines = content.split("\n");
  return { port: Number(lines[3]), ready: lines[7]?.trim() === "ready" };
}

/**
 * Starts a server, on a free port when none is given. Returns a function that says whether the process still lives. The
 * server outlives this process. `findPostmaster` shows whether it got the cluster and when it is ready.
 */
export async function startPostmaster(cluster: Cluster, knownPort?: number): Promise<() => boolean> {
  removeForeignLockFile(cluster.path);
  const port = knownPort ?? (await freePort());
  // NOFOLLOW: a link that PostgreSQL's account put there must not lead root elsewhere.
  const { O_WRONLY, O_APPEND, O_CREAT, O_NOFOLLOW } = constants;
  const log = openSync(cluster.logFile, O_WRONLY | O_APPEND | O_CREAT | O_NOFOLLOW, 0o600);
  const { uid, gid } = cluster.account;
  if (uid !== undefined && gid !== undefined) fchownSync(log, uid, gid);
  const args = ["-D", cluster.path, "-p", String(port), ...SETTINGS.flatMap((setting) => ["-c", setting])];
  const child = spawn(cluster.programs.postgres, args, {
    ...programOptions(cluster.account),
    stdio: ["ignore", log, log],
  });
  closeSync(log);
  child.unref();
  // A program that cannot be started has no process id, and without a listener its error would end this process.
  child.once("error", () => {});
  return () => child.pid !== undefined && child.exitCode === null && child.signalCode === null;
}

/** Stops the server. Running statements are rolled back; when this resolves, every commit is on disk. */
export async function stopPostmaster(cluster: Cluster): Promise<void> {
  await runProgram(cluster.account, cluster.programs.pgCtl, ["stop", "-D", cluster.path, "-m", "fast", "-t", "60"]);
}

/** The last lines of the server's log, for the message when it does not start. */
export function lastLogLines(cluster: Cluster): string {
  return readFileSync(cluster.logFile, "utf8").trimEnd().split("\n").slice(-3).join("\n");
}

function lockFile(path: string): string {
  return join(path, "postmaster.pid");
}

function readLockFile(path: string): string | null {
  try {
    return readFileSync(lockFile(path), "utf8");
  } catch {
    return null;
  }
}

function processId(lockFileContent: string): number {
  return Number.parseInt(lockFileContent, 10);
}

/**
 * Whether the process is a server of this cluster. A process id alone proves nothing: another process has it after a
 * restart.
 */
function isOurs(path: string, pid: number): boolean {
  return commandLine(pid)?.includes(`-D ${path} -p `) ?? false;
}

function commandLine(pid: number): string | null {
  if (process.platform !== "linux")
    return spawnSync("ps", ["-ww", "-o", "args=", "-p", String(pid)], { encoding: "utf8" }).stdout;
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ");
  } catch {
    return null;
  }
}

/**
 * Removes the lock file of a process that is no server of this cluster. PostgreSQL replaces the lock file of a dead
 * process, but not when another process has its process id.
 */
function removeForeignLockFile(path: string): void {
  const content = readLockFile(path);
  if (content === null || isOurs(path, processId(content))) return;
  const aside = `${lockFile(path)}.${process.pid}`;
  try {
    renameSync(lockFile(path), aside);
    // Another process may have started a server since the content was read: that server gets its file back.
    if (readFileSync(aside, "utf8") !== content) linkSync(aside, lockFile(path));
    unlinkSync(aside);
  } catch {
    // Gone already. The start itself reports any other fault of the folder.
  }
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => (typeof address === "object" && address !== null ? resolve(address.port) : reject()));
    });
  });
}
