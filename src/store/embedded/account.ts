import { spawnSync } from "node:child_process";
import { statSync } from "node:fs";

/**
 * The account that PostgreSQL runs as, in the form of options for starting its programs. Without ids it is the account
 * of this process.
 */
export interface Account {
  uid?: number;
  gid?: number;
}

const NAME = "postgres";

/** Whether this process runs as root. PostgreSQL refuses to: root starts it as another account. */
export function isRoot(): boolean {
  return process.getuid?.() === 0;
}

/**
 * The account `postgres`, created as a system account when the machine has none. Only root may call this. Throws when
 * the account cannot be created.
 */
export function postgresAccount(): Account {
  const found = findPostgresAccount();
  if (found !== null) return found;
  const script = `groupadd --system --force ${NAME}
useradd --system --gid ${NAME} --no-create-home --shell /bin/false ${NAME}`;
  const created = spawnSync("/bin/sh", ["-c", script], { encoding: "utf8" });
  // Another process may have created it at the same time, so only the outcome counts.
  const account = findPostgresAccount();
  if (account !== null) return account;
  throw new Error(
    `PostgreSQL does not run as root, and the account "${NAME}" for it could not be created` +
      ` (${created.stderr.trim()}). Create it, start as an ordinary user, or set DATABASE_URL.`,
  );
}

/** The account that owns the folder; null when the folder does not exist or root owns it. */
export function ownerOf(folder: string): Account | null {
  const stats = statSync(folder, { throwIfNoEntry: false });
  return stats === undefined || stats.uid === 0 ? null : { uid: stats.uid, gid: stats.gid };
}

/**
 * Whether the account may enter the folder or, with `write`, also write to it. Asks the kernel: access depends on more
 * than mode bits.
 */
export function mayUse(account: Account, folder: string, right: "enter" | "write"): boolean {
  const script = right === "enter" ? 'test -x "$1"' : 'test -x "$1" && test -w "$1"';
  return spawnSync("/bin/sh", ["-c", script, "sh", folder], { ...account, cwd: "/", stdio: "ignore" }).status === 0;
}

/** The account `postgres`; null when the machine has none. */
export function findPostgresAccount(): Account | null {
  const [uid, gid] = ["-u", "-g"].map((kind) => spawnSync("id", [kind, NAME], { encoding: "utf8" }));
  return uid?.status === 0 && gid?.status === 0 ? { uid: Number(uid.stdout), gid: Number(gid.stdout) } : null;
}
