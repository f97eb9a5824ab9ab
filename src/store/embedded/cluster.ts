import { randomBytes } from "node:crypto";
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { callOf } from "../../model/call-of.ts";

import { chooseDataFolder, type DataFolder, openDataFolder, PROJECT } from "./data-folder.ts";
import { explainLackOfSpace } from "./disk-space.ts";
import { findPrograms, installedPackage, type Programs } from "./programs.ts";
import { runProgram } from "./run-program.ts";

/** The name of the only role, a superuser, and of the database. */
export const NAME = "conversation_graph";
/**
 * This project's folder inside PostgreSQL's: the password, the log, and the files of a cluster that is being created.
 */
const OWN_FOLDER = "conversation-graph";
const DRAFT_PREFIX = "creating-";

/** A data folder that holds a PostgreSQL cluster, running or not. */
export interface Cluster extends DataFolder {
  programs: Programs;
  password: string;
  logFile: string;
}

/**
 * The cluster in the folder (see `openDataFolder`), created when the folder is empty: half a second. Safe to call from
 * several processes at once; a creation that was interrupted at any point is finished. Throws for data of another major
 * version.
 */
export async function openCluster(dataDir: string | undefined): Promise<Cluster> {
  let path = dataDir ?? PROJECT;
  try {
    const chosen = chooseDataFolder(dataDir);
    path = chosen.path;
    const programPackage = installedPackage();
    checkVersion(path, programPackage.major);
    const folder = openDataFolder(chosen);
    const programs = await findPrograms(folder.account, programPackage);
    if (!isCluster(folder.path)) await create(folder, programs);
    const password = readPassword(folder.path);
    return { ...folder, programs, password, logFile: join(folder.path, OWN_FOLDER, "postgres.log") };
  } catch (error) {
    throw explainLackOfSpace(error, path);
  }
}

/** Whether the folder holds a cluster that was created completely. */
export function isCluster(path: string): boolean {
  return existsSync(join(path, "PG_VERSION"));
}

/** The password of the cluster in the folder. Throws when another program created the cluster. */
export function readPassword(path: string): string {
  const password = readIfThere(join(path, OWN_FOLDER, "password"));
  if (password === null) throw new Error(`The data folder ${path} holds a database that this program did not create.`);
  return password;
}

/** The URL of a cluster's server on this machine. */
export function embeddedUrl(password: string, port: number, database = NAME): string {
  return `postgres://${NAME}:${password}@127.0.0.1:${port}/${database}`;
}

/**
 * Two steps, each safe to interrupt and to repeat. One rename, which only the first of several processes can do, makes
 * the whole cluster appear inside this project's folder. Then its files move up, PG_VERSION last, which marks the
 * cluster as complete.
 */
async function create(folder: DataFolder, programs: Programs): Promise<void> {
  if (!checkEntries(folder.path)) await initialize(folder, programs);
  // PostgreSQL requires a folder that only its account may enter.
  chmodSync(folder.path, 0o700);
  moveUp(join(folder.path, OWN_FOLDER, "data"), folder.path);
  for (const entry of readdirSync(folder.path)) {
    if (entry.startsWith(DRAFT_PREFIX)) rmSync(join(folder.path, entry), { recursive: true, force: true });
  }
}

/**
 * Whether a cluster is being created in the folder; false for an empty folder. Throws when the folder holds other
 * files.
 */
export function checkEntries(path: string): boolean {
  const entries = readdirSync(path).filter((entry) => !entry.startsWith(DRAFT_PREFIX));
  if (entries.includes(OWN_FOLDER)) return true;
  if (entries.length === 0) return false;
  throw new Error(
    `The data folder ${path} holds other files (${entries[0]}). Set DATA_DIR to an empty folder or a new one.`,
  );
}

async function initialize({ path, account }: DataFolder, programs: Programs): Promise<void> {
  const draft = mkdtempSync(join(path, DRAFT_PREFIX));
  const password = join(draft, "password");
  try {
    writeFileSync(password, randomBytes(24).toString("hex"), { mode: 0o600, flag: "wx" });
    for (const created of [draft, password]) {
      if (account.uid !== undefined && account.gid !== undefined) chownSync(created, account.uid, account.gid);
    }
    await runProgram(account, programs.initdb, [
      `--pgdata=${join(draft, "data")}`,
      `--username=${NAME}`,
      `--pwfile=${password}`,
      "--auth=scram-sha-256",
      "--encoding=UTF8",
      // Order by code point, but upper and lower case for every script.
      "--locale=C",
      // The parser of words asks the C library, whose names other systems do not have.
      ...(process.platform === "linux" ? ["--lc-ctype=C.UTF-8"] : []),
      "--locale-provider=builtin",
      "--builtin-locale=C.UTF-8",
    ]);
    renameSync(draft, join(path, OWN_FOLDER));
  } catch (error) {
    rmSync(draft, { recursive: true, force: true });
    // Another process was faster: it removed this draft, or has taken the name.
    if (!readdirSync(path).includes(OWN_FOLDER)) throw error;
  }
}

function moveUp(from: string, to: string): void {
  const entries = readEntries(from);
  for (const entry of [...entries.filter((name) => name !== "PG_VERSION"), "PG_VERSION"]) {
    unlessGone(() => renameSync(join(from, entry), join(to, entry)));
  }
  unlessGone(() => rmSync(from, { recursive: true }));
}

/**
 * Throws for data of another major version. To be called before any check of the owner: a wrong version matters more.
 */
export function checkVersion(path: string, major: string): void {
  const file = join(path, "PG_VERSION");
  const found = existsSync(file) ? readFileSync(file, "utf8").trim() : major;
  if (found === major) return;
  throw new Error(
    `The data folder ${path} holds data of PostgreSQL ${found}, and this program brings PostgreSQL ${major}.` +
      ` Carry it over: run \`${callOf("export")} --out all.jsonl\` with the version of this program that wrote it,` +
      ` then \`${callOf("import")} all.jsonl\` with this one and DATA_DIR set to a new folder.`,
  );
}

function readIfThere(file: string): string | null {
  return unlessGone(() => readFileSync(file, "utf8"));
}

function readEntries(folder: string): string[] {
  return unlessGone(() => readdirSync(folder)) ?? [];
}

/** The outcome of the work, or null when its file does not exist (any more). */
function unlessGone<Outcome>(work: () => Outcome): Outcome | null {
  try {
    return work();
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return null;
    throw error;
  }
}
