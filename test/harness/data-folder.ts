import { existsSync, readFileSync } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";

import { onTestFinished } from "vitest";

import { newDatabaseFolder } from "./database-folder.ts";

/**
 * A new folder that only its owner may enter. When the test ends, a server that still runs on it is killed and the
 * folder deleted.
 */
export async function newDataFolder(): Promise<string> {
  const folder = await newDatabaseFolder();
  onTestFinished(async () => {
    if (postgresRuns(folder)) process.kill(postgresId(folder), "SIGKILL");
    await rm(folder, { recursive: true, force: true });
  });
  return folder;
}

/** Whether PostgreSQL holds the folder's lock, which it releases last when it stops. */
export function postgresRuns(folder: string): boolean {
  return existsSync(join(folder, "postmaster.pid"));
}

/** The process id of the PostgreSQL that runs on the folder. */
export function postgresId(folder: string): number {
  return Number.parseInt(readFileSync(join(folder, "postmaster.pid"), "utf8"), 10);
}
