import { sql } from "drizzle-orm";
import { describe, expect, test } from "vitest";
import { SAMPLE_CONVERSATIONS } from "../../src/seed/sample-conversations.ts";
import { createKey } from "../../src/store/keys/keys.ts";
import { migrate } from "../../src/store/schema/migrate.ts";
import { restore, takeBackup } from "../harness/backups.ts";
import { brokenRules } from "../harness/broken-rules.ts";
import { CITUS_NODES, joinNodes, ON_CITUS, onEach } from "../harness/citus.ts";
import { connectTo } from "../harness/connect.ts";
import { store } from "../harness/conversations.ts";
import { fillEveryTable, readEveryTable } from "../harness/every-table.ts";
import { examine } from "../harness/examine.ts";
import { startTestServer } from "../harness/server.ts";
import { distribute, named, newClusterDatabase, open, tableTypes } from "./cluster-database.ts";

const DISTRIBUTED = [
  "conversation_counts",
  "conversation_heads",
  "conversations",
  "deleted_conversations",
  "deleted_turns",
  "idempotency_keys",
  "imported_ids",
  "items",
  "turn_chunks",
  "turns",
];

describe.skipIf(!ON_CITUS)(named("distribute"), () => {
  test("a filled database is distributed with every row and rule as it was, and a second time nothing is to do", async () => {
    const { name, url } = await newClusterDatabase();
    const filling = connectTo(url);
    await migrate(filling);
    const server = await startTestServer({}, url);
    await store(filling, SAMPLE_CONVERSATIONS);
    await fillEveryTable(server);
    await createKey(filling, "default", "project", null);
    // A row from before a rule.
    await filling.rows(sql`ALTER TABLE turns DISABLE TRIGGER USER, DROP CONSTRAINT turns_bytes_check`);
    await filling.rows(sql`UPDATE turns SET bytes = 3000000 WHERE id = 'zephyr.1'`);
    await filling.rows(
      sql`ALTER TABLE turns ENABLE TRIGGER USER, ADD CONSTRAINT turns_bytes_check CHECK (bytes <= 2097152) NOT VALID`,
    );
    const before = await readEveryTable(filling);
    const rules = await readRules(filling);
    await Promise.all([server.close(), filling.close()]);
    await joinNodes(CITUS_NODES, name);

    const first = await distribute(url);
    expect(first).toMatchObject({ status: 0, stdout: expect.stringMatching(SAYS) });
    const database = open(url);
    expect(await tableTypes(database)).toEqual({
      ...Object.fromEntries(DISTRIBUTED.map((table) => [table, "distributed"])),
      keys: "local",
      projects: "reference",
    });
    const { keys, projects, milestones, ...after } = await readEveryTable(database);
    expect({ keys, projects, milestones, ...after }).toMatchObject(before);
    expect(await readRules(database)).toEqual(rules);
    expect(await brokenRules(database)).toEqual([]);
    // Nothing is left where it was.
    expect(await rowsOnTheCoordinatorItself(database)).toBe(0);
    expect(await distribute(url)).toMatchObject({ status: 0, stdout: "nothing to do: all tables are distributed\n" });
  });

  test("an empty database is distributed, and takes a backup of one machine", async () => {
    const [{ url: one }, { name, url }] = await Promise.all([newClusterDatabase(), newClusterDatabase()]);
    const source = open(one);
    await migrate(source);
    const server = await startTestServer({}, one);
    await fillEveryTable(server);
    await server.close();
    await joinNodes(CITUS_NODES, name);
    expect(await distribute(url)).toMatchObject({ status: 0 });
    const target = open(url);
    await restore(target, await takeBackup(source));
    expect(await readEveryTable(target)).toMatchObject(await readEveryTable(source));
  });

  test("the doctor knows the machines, and names what sessions do not take there", async () => {
    const { name, url } = await newClusterDatabase();
    await joinNodes(CITUS_NODES, name);
    const database = open(url);
    await migrate(database);
    expect((await examine({ DATABASE_URL: url })).findings.cluster).toMatch(
      /^ok Citus is there, and the tables .+distribute/,
    );
    await database.close();
    await distribute(url);
    const { findings } = await examine({ DATABASE_URL: url, DATABASE_REPLICA_URLS: url });
    const [, worker = ""] = CITUS_NODES;
    expect(findings.cluster?.split("\n")).toEqual(
      expect.arrayContaining([
        expect.stringMatching(/^fail DATABASE_REPLICA_URLS is set/),
        `warn worker ${new URL(worker).host} has no statement_timeout for postgres. Run ALTER ROLE postgres SET statement_timeout = 5000 on the coordinator, which hands it on.`,
        `warn worker ${new URL(worker).host} has no lock_timeout for postgres. Run ALTER ROLE postgres SET lock_timeout = 500 on the coordinator, which hands it on.`,
      ]),
    );
    const role = `ALTER ROLE postgres IN DATABASE ${name} SET`;
    await onEach([url], `${role} statement_timeout = 5000; ${role} lock_timeout = 500`);
    const { status, findings: sound } = await examine({ DATABASE_URL: url });
    expect(status).toBe(0);
    expect(sound.cluster?.split("\n")).toEqual(
      CITUS_NODES.slice(1).map((node) => `ok worker ${new URL(node).host} answers`),
    );
  });
});

const SAYS =
  /^11 tables with about \d+ rows \(\d+ bytes\) over 2 workers: everything that uses the database waits for about \d+ s\ndistributed .+ in [\d.]+ s\n$/;

type Executor = ReturnType<typeof open>;

/** Every constraint, index and trigger by its table, and whether it holds for all rows. */
async function readRules(database: Executor): Promise<string[]> {
  const rows = await database.rows<{ rule: string }>(sql`
    SELECT concat_ws(' ', t.relname, pg_get_constraintdef(c.oid), c.convalidated) AS rule
    FROM pg_constraint c JOIN pg_class t ON t.oid = c.conrelid
    WHERE t.relnamespace = 'public'::regnamespace AND t.relname !~ '_\\d{6}$'
    UNION ALL SELECT pg_get_triggerdef(g.oid) FROM pg_trigger g JOIN pg_class t ON t.oid = g.tgrelid
    WHERE t.relnamespace = 'public'::regnamespace AND t.relname !~ '_\\d{6}$' AND NOT g.tgisinternal
    UNION ALL SELECT indexdef FROM pg_indexes WHERE schemaname = 'public' AND tablename !~ '_\\d{6}$'`);
  // Once written and read again, a condition may have fewer parentheses.
  return rows.map(({ rule }) => rule.replaceAll(/[()]/g, "")).sort();
}

async function rowsOnTheCoordinatorItself(database: Executor): Promise<number> {
  const sizes = await database.rows<{ bytes: number }>(sql`
    SELECT sum(pg_relation_size(logicalrelid))::float8 AS bytes FROM pg_dist_partition`);
  return sizes[0]?.bytes ?? -1;
}
