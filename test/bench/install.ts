import { spawn } from "node:child_process";
import { once } from "node:events";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";

import type { Contender } from "./contenders.ts";

const HERE = fileURLToPath(new URL(".", import.meta.url));

/**
 * Installs the packages of the bench, which are not the project's, and answers the contenders that can then be started.
 * Says which others are left out. Throws when the load generator itself is not to be had.
 */
export async function installPeers(
  contenders: readonly Contender[],
  say: (line: string) => void,
): Promise<Contender[]> {
  say("installing the peers (a matter of seconds where they are already)");
  const failure = await npmInstall();
  // Without a network, what an earlier run brought is still there.
  if (failure !== null) say(`they could not be installed: ${failure}`);
  if (!isInstalled("undici")) {
    throw new Error(
      "The load generator is missing: run `npm install` in test/bench where the npm registry is reached.",
    );
  }
  return contenders.filter((contender) => {
    if (isInstalled(contender.package)) return true;
    say(`LEFT OUT: ${contender.title}: the package ${contender.package} is not installed`);
    return false;
  });
}

function isInstalled(name: string | null): boolean {
  if (name === null) return true;
  try {
    createRequire(import.meta.url).resolve(name);
    return true;
  } catch {
    return false;
  }
}

/** Installs what the lock file names; answers why that failed, or null. */
async function npmInstall(): Promise<string | null> {
  const options = ["--no-save", "--prefer-offline", "--no-audit", "--no-fund", "--ignore-scripts"];
  const child = spawn("npm", ["install", ...options], { cwd: HERE, stdio: ["ignore", "ignore", "inherit"] });
  const [outcome] = await Promise.race([once(child, "close"), once(child, "error")]);
  return outcome === 0 ? null : `npm install ended with ${outcome}`;
}
