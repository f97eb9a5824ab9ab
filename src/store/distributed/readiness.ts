import { sql } from "drizzle-orm";

import type { Database } from "../database/client.ts";
import { hasCitus } from "./is-distributed.ts";
import { type Node, type NodeFacts, readNodeFacts, readNodes } from "./nodes.ts";

/** The reason why the tables cannot be distributed, and what to do. */
export class NotReady extends Error {
  override readonly name = "NotReady";
}

/** The facts in which a node may not differ from the coordinator, with their names for messages. */
const ALIKE = {
  version: "PostgreSQL",
  citus: "Citus",
  encoding: "encoding",
  locale: "locale",
  timeZone: "TimeZone",
} as const satisfies Partial<Record<keyof NodeFacts, string>>;

/**
 * The number of workers that tables can be distributed over. Throws NotReady for a database without Citus or workers, and
 * where a worker does not answer or differs. A statement for each node.
 */
export async function requireWorkers(database: Database): Promise<number> {
  if (!(await hasCitus(database))) {
    throw new NotReady(
      "the database has no extension citus. Load it on every machine (shared_preload_libraries), and run CREATE EXTENSION citus there, in a database of this name",
    );
  }
  const nodes = await readNodes(database);
  const [coordinator, ...workers] = nodes;
  if (coordinator?.isCoordinator !== true) {
    throw new NotReady(
      "no machine knows how to reach this one. Run SELECT citus_set_coordinator_host('HOST', PORT), with this machine's address",
    );
  }
  if (workers.length === 0) {
    throw new NotReady("Citus knows no worker. Run SELECT citus_add_node('HOST', PORT) for each");
  }
  const expected = await askNode(database, coordinator);
  for (const worker of workers) {
    const differences = findDifferences(await askNode(database, worker), expected);
    if (differences.length > 0) throw new NotReady(`worker ${nameOf(worker)} differs: ${differences.join("; ")}`);
  }
  return workers.length;
}

/** What differs between the facts and those of the coordinator, each with what to do. */
export function findDifferences(facts: NodeFacts, expected: NodeFacts): string[] {
  return Object.entries(ALIKE).flatMap(([key, name]) => {
    // Safe cast: the keys of an object literal that nothing else is added to.
    const fact = key as keyof typeof ALIKE;
    if (facts[fact] === expected[fact]) return [];
    return [`${name} is ${facts[fact]}, and the coordinator's ${expected[fact]}. ${ADVICE[fact]}`];
  });
}

const ADVICE: Record<keyof typeof ALIKE, string> = {
  version: "Use one version on all machines",
  citus: "Use one version on all machines (ALTER EXTENSION citus UPDATE)",
  encoding: "Create its database with the same ENCODING",
  locale: "Create its database with the same LC_COLLATE and LC_CTYPE",
  timeZone: "Set one with ALTER DATABASE … SET TimeZone on the coordinator, which hands it on",
};

/** The node's address, for messages. */
export function nameOf({ host, port }: Node): string {
  return `${host}:${port}`;
}

async function askNode(database: Database, node: Node): Promise<NodeFacts> {
  const facts = await readNodeFacts(database, node);
  if (typeof facts !== "string") return facts;
  throw new NotReady(`${node.isCoordinator ? "the coordinator" : "worker"} ${nameOf(node)} does not answer: ${facts}`);
}

/** The number of sessions of this program in the database, beside this one. One statement. */
export async function countServers(database: Database): Promise<number> {
  const [row] = await database.rows<{ count: number }>(sql`
    SELECT count(*)::integer AS count FROM pg_stat_activity
    WHERE datname = current_database() AND application_name = 'conversation-graph' AND pid <> pg_backend_pid()`);
  return row?.count ?? 0;
}
