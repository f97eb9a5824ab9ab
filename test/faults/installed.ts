import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";

const DEBIAN = "/usr/lib/postgresql";

/** The folder with the programs of a PostgreSQL server that can be copied from while it runs; null where there is none. */
export function postgresPrograms(): string | null {
  const versions = existsSync(DEBIAN) ? readdirSync(DEBIAN).sort((a, b) => Number(b) - Number(a)) : [];
  const folders = [process.env.TEST_POSTGRES_BIN ?? "", ...versions.map((version) => join(DEBIAN, version, "bin"))];
  return folders.find((folder) => existsSync(join(folder, "pg_basebackup"))) ?? null;
}

/** Where the program is installed; null where it is not. */
export function installedProgram(name: string): string | null {
  const folders = [...(process.env.PATH ?? "").split(":"), "/usr/sbin", "/usr/bin"];
  return folders.map((folder) => join(folder, name)).find((file) => existsSync(file)) ?? null;
}

/** The programs of a PostgreSQL that fails over by itself. */
export interface FailoverPrograms {
  /** The folder of PostgreSQL's own. */
  postgres: string;
  patroni: string;
  etcd: string;
  haproxy: string;
}

/** All of them; null where one is not installed. */
export function failoverPrograms(): FailoverPrograms | null {
  const postgres = postgresPrograms();
  const [patroni, etcd, haproxy] = ["patroni", "etcd", "haproxy"].map(installedProgram);
  return postgres && patroni && etcd && haproxy ? { postgres, patroni, etcd, haproxy } : null;
}
