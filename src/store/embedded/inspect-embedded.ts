import { existsSync, readdirSync, realpathSync } from "node:fs";
import { dirname } from "node:path";

import { isRoot, mayUse, ownerOf } from "./account.ts";
import { checkEntries, checkVersion, embeddedUrl, isCluster, readPassword } from "./cluster.ts";
import { type DataFolder, findDataFolder, unusableFolder } from "./data-folder.ts";
import { findPostmaster } from "./postmaster.ts";
import { installedPackage } from "./programs.ts";

/** The embedded database as it was found. */
export interface EmbeddedState {
  /** PostgreSQL's major version. */
  version: string;
  /** The folder of its data; null while the first start has not chosen one. */
  dataDir: string | null;
  /** `new`: nothing exists yet. `busy`: it starts or stops. */
  state: "new" | "stopped" | "busy" | "running";
  /** Its URL; null while it does not run. */
  url: string | null;
}

/** Inspects the embedded database without changing anything. Throws the Error that opening it would throw. */
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

/** This process creates the folder, and PostgreSQL's account, another one under root, must be able to reach it. */
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
