import { randomBytes } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { sql } from "drizzle-orm";
import type { TestProject } from "vitest/node";

import type { Database } from "../../src/store/database/client.ts";
import { beginDistributing, distributeTables } from "../../src/store/distributed/distribute-tables.ts";
import { migrate } from "../../src/store/schema/migrate.ts";
import { databaseUrl, withAdmin } from "./admin.ts";
import { CITUS_NODES, closeToConnections, createCitusDatabase, dropDatabase, ON_CITUS } from "./citus.ts";
import { startCluster } from "./cluster.ts";
import { connectTo } from "./connect.ts";
import { type FunctionNames, readFunctions, readInstants } from "./statements/read-functions.ts";

declare module "vitest" {
  export interface ProvidedContext {
    clusterUrl: string;
    template: string;
    functions: FunctionNames;
    instants: string[];
    /** Where processes record the statements that they send. */
    recordFolder: string;
  }
}

/** Starts a PostgreSQL for the whole run and migrates the template that every test file's database is a copy of. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const cluster = await startCluster();
  const name = `template_${randomBytes(4).toString("hex")}`;
  if (ON_CITUS) await createCitusDatabase(CITUS_NODES, name);
  else await withAdmin(cluster.url, (admin) => admin.unsafe(`CREATE DATABASE ${name}`));
  const template = connectTo(databaseUrl(cluster.url, name), { statementTimeoutMs: 0, lockTimeoutMs: 0 });
  await migrate(template);
  if (ON_CITUS) await distribute(template);
  const functions = await readFunctions(template);
  const instants = await readInstants(template);
  await template.close();
  if (ON_CITUS) await closeToConnections(CITUS_NODES, name);
  project.provide("clusterUrl", cluster.url);
  project.provide("template", name);
  project.provide("functions", functions);
  project.provide("instants", instants);
  const recordFolder = await mkdtemp(join(tmpdir(), "conversation-graph-statements-"));
  project.provide("recordFolder", recordFolder);
  return async () => {
    await dropDatabase(ON_CITUS ? CITUS_NODES : [cluster.url], name);
    await cluster.stop();
    await rm(recordFolder, { recursive: true });
  };
}

async function distribute(template: Database): Promise<void> {
  await template.transaction(async (transaction) => {
    // A database of its own for each file, with few rows: every shard is some dozens of files.
    await transaction.rows(sql`SET LOCAL citus.shard_count = 4`);
    await beginDistributing(transaction);
    await distributeTables(transaction);
  });
}
