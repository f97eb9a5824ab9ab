import { existsSync, readdirSync, realpathSync } from "node:fs";
import { dirname } from "node:path";

import { isRoot, mayUse, ownerOf } from "./account.ts";
import { checkEntries, checkVersion, embeddedUrl, isCluster, readPassword } from "./cluster.ts";
import { type DataFolder, findDataFolder, unusableFolder } from "./data-folder.ts";
import { findPostmaster } from "./postmaster.ts";
import { installedPackage } from "./programs.ts";

/** The embedded database as it is found. */
export interface EmbeddedState {
  /** PostgreSQL's major version. */
  version: string;
  /** The folder of its data; null while it is to be chosen at the first start. */
  dataDir: string | null;
  /** `new`: nothing is there yet. `busy`: it starts or stops. */
  state: "new" | "stopped" | "busy" | "running";
  /** Where it is reached; null while it does not run. */
  url: string | null;
}

/**
 * Looks at the embedded database, and changes nothing. Throws the Error that says what is wrong when it could not be
 * opened.
 */
export function inspectEmbedded(dataDir: string | undefined): EmbeddedState {
  const { major: version } = installedPackage();
  const folder = findDataFolder(dataDir);
  if (folder === null) return { version, dataDir: null, state: "new", url: null };
  checkVersion(folder.path, version);
  const found = { version, dataDir: folder.path, url: null };
  if (!existsSync(folder.path)) {
    checkParent(folder);
    return { ...found, state: "new" };
  }
  checkFolder(folder);
  if (!isCluster(folder.path)) {
    checkEntries(folder.path);
    return { ...found, state: "new" };
  }
  const path = realpathSync(folder.path);
  const password = readPassword(path);
  const postmaster = findPostmaster(path);
  if (postmaster === null) return { ...found, state: "stopped" };
  if (!postmaster.ready) return { ...found, state: "busy" };
  return { ...found, state: "running", url: embeddedUrl(password, postmaster.port) };
}

/** This process makes the folder; the account, which is another one for root, has only to come there. */
function checkParent({ path, account }: DataFolder): void {
  let parent = dirname(path);
  while (!existsSync(parent)) parent = dirname(parent);
  if (mayUse({}, parent, "write") && mayUse(account, parent, "enter")) return;
  throw unusableFolder(path, `no access to ${parent}`);
}

function checkFolder({ path, account }: DataFolder): void {
  const willBeHandedOver = isRoot() && ownerOf(path) === null && readdirSync(path).length === 0;
  if (willBeHandedOver ? mayUse(account, dirname(path), "enter") : mayUse(account, path, "write")) return;
  throw unusableFolder(path, "no access");
}
