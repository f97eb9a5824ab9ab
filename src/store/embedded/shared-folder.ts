import { chmodSync, mkdirSync } from "node:fs";

const SHARED_FOLDER = "/var/lib/conversation-graph";

/**
 * The folder, created when missing, where root keeps what PostgreSQL's account cannot reach inside the project. Only
 * root may call this.
 */
export function openSharedFolder(): string {
  mkdirSync(SHARED_FOLDER, { recursive: true });
  // Independent of the umask: another account must reach it.
  chmodSync(SHARED_FOLDER, 0o755);
  return SHARED_FOLDER;
}
