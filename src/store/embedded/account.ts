import { spawnSync } from "node:child_process";
import { statSync } from "node:fs";

/** Who PostgreSQL runs as: options for starting its programs. Without ids it is the account of this process. */
export interface Account {
  uid?: number;
  gid?: number;
}

const NAME = "postgres";

/** PostgreSQL refuses to run as root, so root lends it another account. */
export function isRoot(): boolean {
  return process.getuid?.() === 0;
}

/** The account `postgres`, created as a system account when the machine has none. Only root may ask. */
export function postgresAccount(): Account {
  const found = findPostgresAccount();
  if (found !== null) return found;
  const script = `groupadd --system --force ${NAME}
useradd --system --gid ${NAME} --no-create-home --shell /bin/false ${NAME}`;
  const created = spawnSync("/bin/sh", ["-c", script], { encoding: "utf8" });
  // Another process may have created it meanwhile, so the outcome is what counts.
  const account = findPostgresAccount();
  if (account !== null) return account;
  throw new Error(
    `PostgreSQL does not run as root, and the account "${NAME}" for it could not be created` +
      ` (${created.stderr.trim()}). Create it, start as an ordinary user, or set DATABASE_URL.`,
  );
}

/** The account that a folder belongs to; null when there is no such folder, or when it is root's. */
export function ownerOf(folder: string): Account | null {
  const stats = statSync(folder, { throwIfNoEntry: false });
  return stats === undefined || stats.uid === 0 ? null : { uid: stats.uid, gid: stats.gid };
}

/** Whether the account may enter the folder and, when asked, write to it. The kernel answers: rights are more than mode bits. */
export function mayUse(account: Account, folder: string, right: "enter" | "write"): boolean {
  const script = right === "enter" ? 'test -x "$1"' : 'test -x "$1" && test -w "$1"';
  return spawnSync("/bin/sh", ["-c", script, "sh", folder], { ...account, cwd: "/", stdio: "ignore" }).status === 0;
}

/** The account `postgres`; null where the machine has none. */
export function findPostgresAccount(): Account | null {
  const [uid, gid] = ["-u", "-g"].map((kind) => spawnSync("id", [kind, NAME], { encoding: "utf8" }));
  return uid?.status === 0 && gid?.status === 0 ? { uid: Number(uid.stdout), gid: Number(gid.stdout) } : null;
}
