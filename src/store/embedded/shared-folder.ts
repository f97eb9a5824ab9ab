import { chmodSync, mkdirSync } from "node:fs";

const SHARED_FOLDER = "/var/lib/conversation-graph";

/** Where root keeps what PostgreSQL's account could not reach inside the project; created when missing. Only for root. */
export function openSharedFolder(): string {
  mkdirSync(SHARED_FOLDER, { recursive: true });
  // Whatever the umask: its whole purpose is to be reached by another account.
  chmodSync(SHARED_FOLDER, 0o755);
  return SHARED_FOLDER;
}
