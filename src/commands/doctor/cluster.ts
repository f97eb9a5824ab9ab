import type { Config } from "../../config.ts";
import { callOf } from "../../model/call-of.ts";
import type { Database } from "../../store/database/client.ts";
import { findTables } from "../../store/distributed/distribute-tables.ts";
import { hasCitus, isDistributed } from "../../store/distributed/is-distributed.ts";
import { type Node, type NodeFacts, readNodeFacts, readNodes } from "../../store/distributed/nodes.ts";
import { findDifferences, nameOf } from "../../store/distributed/readiness.ts";
import { reasonOf } from "../reason.ts";
import type { Finding } from "./finding.ts";

const subject = "cluster";

/** Findings about the machines of a database with Citus, and the tables on them: none for any other database. */
export async function* examineCluster(config: Config, database: Database): AsyncGenerator<Finding, void> {
  if (!(await hasCitus(database))) return;
  if (!(await isDistributed(database))) {
    const text = `Citus is there, and the tables are on this machine alone. \`${callOf("distribute")}\` distributes them.`;
    yield { level: "ok", subject, text };
    return;
  }
  if (config.databaseReplicaUrls.length > 0) {
    const text = "DATABASE_REPLICA_URLS is set, and the server does not start: the tables are distributed. Unset it.";
    yield { level: "fail", subject, text };
  }
  const local = await findTables(database);
  if (local.length > 0) {
    const text = `${local.join(", ")} are on the coordinator alone, and are not deleted from with what they belong to. Run \`${callOf("distribute")}\`.`;
    yield { level: "fail", subject, text };
  }
  const [coordinator, ...workers] = await readNodes(database);
  if (coordinator === undefined) return;
  const expected = await ask(database, coordinator);
  for (const worker of workers) yield* examineWorker(config, worker, await ask(database, worker), expected);
}

function* examineWorker(
  config: Config,
  worker: Node,
  facts: NodeFacts | string,
  expected: NodeFacts | string,
): Generator<Finding, void> {
  const name = `worker ${nameOf(worker)}`;
  if (typeof facts === "string") {
    const text = `${name} does not answer (${facts}), and its projects are answered with 503. Start it, or let the coordinator through.`;
    yield { level: "fail", subject, text };
    return;
  }
  const faults = [
    ...(worker.isActive ? [] : ["is not active. Run SELECT citus_activate_node on the coordinator"]),
    ...(worker.hasMetadata ? [] : ["lacks metadata. Run SELECT start_metadata_sync_to_all_nodes() on the coordinator"]),
    ...(typeof expected === "string" ? [] : findDifferences(facts, expected).map((text) => `differs: ${text}`)),
    ...missingTimeouts(config, facts),
  ];
  if (faults.length === 0) yield { level: "ok", subject, text: `${name} answers` };
  for (const fault of faults) yield { level: "warn", subject, text: `${name} ${fault}.` };
}

/** Citus passes the settings of a session on to no worker: a statement there would go on for ever. */
function missingTimeouts({ statementTimeoutMs, lockTimeoutMs }: Config, facts: NodeFacts): string[] {
  const missing = [
    ...(statementTimeoutMs > 0 && facts.statementTimeout === 0 ? [`statement_timeout = ${statementTimeoutMs}`] : []),
    ...(lockTimeoutMs > 0 && facts.lockTimeout === 0 ? [`lock_timeout = ${lockTimeoutMs}`] : []),
  ];
  return missing.map((setting) => {
    const [name] = setting.split(" ");
    return `has no ${name} for ${facts.role}. Run ALTER ROLE ${facts.role} SET ${setting} on the coordinator, which hands it on`;
  });
}

async function ask(database: Database, node: Node): Promise<NodeFacts | string> {
  return readNodeFacts(database, node).catch(reasonOf);
}
