import { randomBytes } from "node:crypto";

import { inject } from "vitest";

import { databaseUrl } from "./admin.ts";
import { CITUS_NODES, dropDatabase, onEach } from "./citus.ts";

export interface TestDatabase {
  url: string;
  drop(): Promise<void>;
}

/**
 * A new database with all migrations, for one test file; empty with `migrated: false`. With TEST_CITUS_URLS a migrated one is
 * distributed, and an empty one is on the coordinator alone.
 */
export async function createDatabase({ migrated = true } = {}): Promise<TestDatabase> {
  const clusterUrl = inject("clusterUrl");
  const name = `test_${randomBytes(8).toString("hex")}`;
  const template = migrated ? inject("template") : "template0";
  const nodes = migrated && CITUS_NODES.length > 0 ? CITUS_NODES : [clusterUrl];
  await onEach(nodes, `CREATE DATABASE ${name} TEMPLATE ${template}`);
  return {
    url: databaseUrl(clusterUrl, name),
    drop: () => dropDatabase(nodes, name),
  };
}
