import { randomBytes } from "node:crypto";

import { inject } from "vitest";

import { databaseUrl, withAdmin } from "./admin.ts";

export interface TestDatabase {
  url: string;
  drop(): Promise<void>;
}

/** A new database with all migrations, for one test file; empty with `migrated: false`. */
export async function createDatabase({ migrated = true } = {}): Promise<TestDatabase> {
  const clusterUrl = inject("clusterUrl");
  const name = `test_${randomBytes(8).toString("hex")}`;
  const template = migrated ? inject("template") : "template0";
  await withAdmin(clusterUrl, (admin) => admin.unsafe(`CREATE DATABASE ${name} TEMPLATE ${template}`));
  return {
    url: databaseUrl(clusterUrl, name),
    drop: async () => {
      await withAdmin(clusterUrl, (admin) => admin.unsafe(`DROP DATABASE ${name} WITH (FORCE)`));
    },
  };
}
