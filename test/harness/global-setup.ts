import { randomBytes } from "node:crypto";

import type { TestProject } from "vitest/node";
import { migrate } from "../../src/store/schema/migrate.ts";
import { databaseUrl, withAdmin } from "./admin.ts";
import { startCluster } from "./cluster.ts";
import { connectTo } from "./connect.ts";

declare module "vitest" {
  export interface ProvidedContext {
    clusterUrl: string;
    template: string;
  }
}

/** Starts a PostgreSQL for the whole run and migrates the template that every test file's database is a copy of. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const cluster = await startCluster();
  const name = `template_${randomBytes(4).toString("hex")}`;
  await withAdmin(cluster.url, (admin) => admin.unsafe(`CREATE DATABASE ${name}`));
  const template = connectTo(databaseUrl(cluster.url, name), { statementTimeoutMs: 0, lockTimeoutMs: 0 });
  await migrate(template);
  await template.close();
  project.provide("clusterUrl", cluster.url);
  project.provide("template", name);
  return async () => {
    await withAdmin(cluster.url, (admin) => admin.unsafe(`DROP DATABASE ${name}`));
    await cluster.stop();
  };
}
