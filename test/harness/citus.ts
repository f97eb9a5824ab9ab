import { databaseUrl, withAdmin } from "./admin.ts";

const { TEST_CITUS_URLS: urls } = process.env;

/** The machines of TEST_CITUS_URLS, the coordinator first; none where the tests run on one PostgreSQL. */
export const CITUS_NODES: readonly string[] = urls === undefined || urls === "" ? [] : urls.split(",");

/** Whether the tests' databases are distributed over several machines. */
export const ON_CITUS = CITUS_NODES.length > 0;

/** Creates an empty database on every node, of which the first is its coordinator. */
export async function createCitusDatabase(nodes: readonly string[], name: string): Promise<void> {
  await onEach(nodes, `CREATE DATABASE ${name} TEMPLATE template0`);
  await joinNodes(nodes, name);
}

/** Makes the nodes a cluster for the database, which each of them has; the first is its coordinator. */
export async function joinNodes(nodes: readonly string[], name: string): Promise<void> {
  const databases = nodes.map((node) => databaseUrl(node, name));
  await onEach(databases, "CREATE EXTENSION IF NOT EXISTS citus");
  const [coordinator = "", ...workers] = databases;
  await withAdmin(coordinator, async (admin) => {
    const { hostname, port } = new URL(coordinator);
    await admin`SELECT citus_set_coordinator_host(${hostname}, ${Number(port)})`;
    for (const worker of workers) {
      const { hostname, port } = new URL(worker);
      await admin`SELECT citus_add_node(${hostname}, ${Number(port)})`;
    }
  });
}

/** Ends the connections to the database on every node, Citus' own too, and takes no more: as copies are made of it. */
export async function closeToConnections(nodes: readonly string[], name: string): Promise<void> {
  await onEach(nodes, `ALTER DATABASE ${name} ALLOW_CONNECTIONS false`);
  await onEach(nodes, `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '${name}'`);
}

/**
 * Drops the database on every node, whoever uses it. One after the other: Citus' daemon of a node ends only once it has the
 * answer of another one, which a database that is being dropped does not give.
 */
export async function dropDatabase(nodes: readonly string[], name: string): Promise<void> {
  for (const node of nodes) await onEach([node], `DROP DATABASE ${name} WITH (FORCE)`);
}

/** Runs the statement on every one of the databases, at the same time. */
export async function onEach(databases: readonly string[], statement: string): Promise<void> {
  await Promise.all(databases.map((url) => withAdmin(url, (admin) => admin.unsafe(statement))));
}
