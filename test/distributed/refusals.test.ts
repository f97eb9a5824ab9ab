import { sql } from "drizzle-orm";
import { afterEach, beforeEach, describe, expect, test } from "vitest";

import type { Database } from "../../src/store/database/client.ts";
import { isDistributed } from "../../src/store/distributed/is-distributed.ts";
import { databaseUrl } from "../harness/admin.ts";
import { CITUS_NODES, joinNodes, ON_CITUS, onEach } from "../harness/citus.ts";
import { connectTo } from "../harness/connect.ts";
import { startServer } from "../harness/program.ts";
import { runCommand } from "../harness/run-command.ts";
import { named, newClusterDatabase, open } from "./cluster-database.ts";

describe.skipIf(!ON_CITUS)(named("distribute refuses, and leaves all as it was"), () => {
  let name: string;
  let url: string;
  beforeEach(async () => {
    ({ name, url } = await newClusterDatabase());
  });
  afterEach(async () => {
    const database: Database = connectTo(url);
    expect(await isDistributed(database)).toBe(false);
    await database.close();
  });

  const refused = async (reason: RegExp) => {
    const { status, stderr } = await runCommand(url, ["distribute", "--yes"]);
    expect({ status, stderr }).toEqual({ status: 1, stderr: expect.stringMatching(reason) });
  };

  test("without workers, and where a worker's time zone is another one or it does not answer", async () => {
    await onEach([url], "CREATE EXTENSION citus");
    await refused(
      /^Nothing is distributed: no machine knows how to reach this one\. Run SELECT citus_set_coordinator_host/,
    );
    await joinNodes(CITUS_NODES.slice(0, 1), name);
    await refused(/^Nothing is distributed: Citus knows no worker\. Run SELECT citus_add_node/);
    await joinNodes(CITUS_NODES, name);
    const worker = databaseUrl(CITUS_NODES[1] ?? "", name);
    const local = "SET citus.enable_ddl_propagation = off";
    await onEach([worker], `${local}; ALTER DATABASE ${name} SET TimeZone = 'Europe/Berlin'`);
    await refused(
      /worker 127\.0\.0\.1:\d+ differs: TimeZone is Europe\/Berlin, and the coordinator's .+ALTER DATABASE/,
    );
    await onEach([worker], `${local}; ALTER DATABASE ${name} RESET TimeZone`);
    await onEach([url], "UPDATE pg_dist_node SET nodeport = 9 WHERE groupid = 2");
    await refused(/^Nothing is distributed: worker 127\.0\.0\.1:9 does not answer: failed to connect/);
  });

  test.each([
    [
      "ENCODING 'LATIN1' LC_COLLATE 'C' LC_CTYPE 'C'",
      /encoding is LATIN1, and the coordinator's UTF8\. Create its database/,
    ],
    [
      "ENCODING 'UTF8' LC_COLLATE 'C.UTF-8' LC_CTYPE 'C.UTF-8'",
      /locale is C\.UTF-8\/C\.UTF-8, and the coordinator's .+LC_CTYPE/,
    ],
  ])("where a worker's database is made with %s", async (made, difference) => {
    const [, worker = ""] = CITUS_NODES;
    await onEach([worker], `DROP DATABASE ${name}`);
    await onEach([worker], `CREATE DATABASE ${name} TEMPLATE template0 ${made}`);
    await joinNodes(CITUS_NODES, name);
    await refused(new RegExp(`^Nothing is distributed: worker 127\\.0\\.0\\.1:\\d+ differs: ${difference.source}`));
  });

  test("while a server or another transaction uses the tables", async () => {
    await joinNodes(CITUS_NODES, name);
    const server = await startServer({ DATABASE_URL: url });
    await refused(/^Nothing is distributed: \d+ sessions of servers or commands are open\. Stop them/);
    await server.stop("SIGTERM");
    const other = open(url);
    await other.transaction(async (transaction) => {
      await transaction.rows(sql`SELECT 1 AS one FROM turns`);
      // Not one of the product's sessions.
      await transaction.rows(sql`SET LOCAL application_name = 'another'`);
      await refused(/^Nothing is distributed: another transaction holds a table\. End it/);
    });
    await other.close();
  });
});
