import {
  chownSync,
  existsSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmdirSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

import { IS_PACKAGE } from "../../model/call-of.ts";
import { isDiskFull } from "../../model/errors.ts";
import { type Account, findPostgresAccount, isRoot, mayUse, ownerOf, postgresAccount } from "./account.ts";
import { openSharedFolder } from "./shared-folder.ts";

/** The folder of the checkout; for the package the one that it is started in, as npm replaces its own with each version. */
export const PROJECT = IS_PACKAGE ? process.cwd() : fileURLToPath(new URL("../../../", import.meta.url));
const DEFAULT_FOLDER = join(PROJECT, ".data", "postgres");
/** Holds the path of the data when PostgreSQL's account cannot reach the project's folder. */
const LOCATION_FILE = join(PROJECT, ".data", "location");

export interface DataFolder {
  path: string;
  /** The account that PostgreSQL runs as: the folder's owner. */
  account: Account;
}

/**
 * The folder of the embedded database, which may not exist yet. A given path is used as it is. Otherwise the folder
 * lies in the project, or, where PostgreSQL's account cannot enter root's project, in a folder outside whose path the
 * project remembers.
 */
export function chooseDataFolder(named: string | undefined): DataFolder {
  const path = wantedPath(named);
  if (!isRoot()) return { path, account: {} };
  const account = ownerOf(path) ?? postgresAccount();
  return { path: isHidden(path, account) ? newFolder() : path, account };
}

/**
 * As `chooseDataFolder`, without creating anything: null while the account or the folder outside would have to be
 * created.
 */
export function findDataFolder(named: string | undefined): DataFolder | null {
  const path = wantedPath(named);
  if (!isRoot()) return { path, account: {} };
  const account = ownerOf(path) ?? findPostgresAccount();
  return account === null || isHidden(path, account) ? null : { path, account };
}

function wantedPath(named: string | undefined): string {
  return named === undefined ? (rememberedFolder() ?? DEFAULT_FOLDER) : resolve(named);
}

function isHidden(path: string, account: Account): boolean {
  return path === DEFAULT_FOLDER && !mayUse(account, PROJECT, "enter");
}

/**
 * Creates the folder when it is missing, and makes PostgreSQL's account its owner when it is new or empty. Returns it
 * with its real path. Throws an Error that names the folder when the account cannot use it, and leaves no new folder
 * behind.
 */
export function openDataFolder({ path, account }: DataFolder): DataFolder {
  const created: string[] = [];
  try {
    createFolders(path, created);
    handOver(path, created, account);
    if (!mayUse(account, path, "write")) throw new Error(`user id ${account.uid ?? process.getuid?.()} has no access`);
    return { path: realpathSync(path), account };
  } catch (cause) {
    for (const folder of created.reverse()) rmdirSync(folder);
    if (isDiskFull(cause)) throw cause;
    throw unusableFolder(path, cause instanceof Error ? cause.message : String(cause), cause);
  }
}

/** The error for a folder that PostgreSQL cannot use; its message names the folder and the reason. */
export function unusableFolder(path: string, reason: string, cause?: unknown): Error {
  return new Error(
    `The data folder ${path} cannot be used by the account that PostgreSQL runs under (${reason}).` +
      " Change the owner or the mode of the folder and its parents, or set DATA_DIR to another.",
    { cause },
  );
}

function handOver(path: string, created: readonly string[], { uid, gid }: Account): void {
  if (uid === undefined || gid === undefined) return;
  for (const folder of created) chownSync(folder, uid, gid);
  if (ownerOf(path) === null && readdirSync(path).length === 0) chownSync(path, uid, gid);
}

/**
 * Creates the folder and its missing parents, and adds each new one to `created`. Node's own `recursive` never returns
 * from a path under /proc.
 */
function createFolders(path: string, created: string[]): void {
  if (existsSync(path)) return;
  createFolders(dirname(path), created);
  try {
    mkdirSync(path, { mode: 0o700 });
    created.push(path);
  } catch (error) {
    // Another process that starts at the same time may have been faster.
    if (!existsSync(path)) throw error;
  }
}

/** For root only: the data of other users always lies in the project. */
function rememberedFolder(): string | undefined {
  if (!isRoot()) return undefined;
  try {
    return readFileSync(LOCATION_FILE, "utf8").trim();
  } catch {
    return undefined;
  }
}

/**
 * A folder outside for this project. Of two processes that start at once, the first to link the file decides for both.
 */
function newFolder(): string {
  const folder = mkdtempSync(join(openSharedFolder(), "data-"));
  mkdirSync(dirname(LOCATION_FILE), { recursive: true });
  const draft = `${LOCATION_FILE}.${process.pid}`;
  writeFileSync(draft, `${folder}\n`);
  try {
    linkSync(draft, LOCATION_FILE);
    return folder;
  } catch (error) {
    rmSync(folder, { recursive: true });
    const other = rememberedFolder();
    if (other === undefined) throw error;
    return other;
  } finally {
    rmSync(draft);
  }
}
