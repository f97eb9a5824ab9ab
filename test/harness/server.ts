import { pino } from "pino";

import { toConnectOptions } from "../../src/commands/open-database.ts";
import { readConfig } from "../../src/config.ts";
import { startServer } from "../../src/server/server.ts";
import { connect, type Database } from "../../src/store/database/client.ts";
import { toStatement } from "../../src/store/database/statements.ts";
import { ON_CITUS } from "./citus.ts";
import { createDatabase } from "./database.ts";

export interface TestServer {
  /** Its address, without a path. */
  origin: string;
  /** The database's URL, for commands. */
  url: string;
  /** The database behind it, for a test's own data. */
  database: Database;
  /** The number of SQL statements that the server runs during the work. */
  countStatements(work: () => Promise<unknown>): Promise<number>;
  close(): Promise<void>;
}

/**
 * A server on a free port with a database of its own, or on the shared one; settings as in the environment. With `distributed` it
 * sends the statements that distributed tables take, on one machine too.
 */
export async function startTestServer(
  env: Record<string, string> = {},
  shared?: string,
  distributed = ON_CITUS,
): Promise<TestServer> {
  const { url, drop } = shared === undefined ? await createDatabase() : { url: shared, drop: async () => {} };
  const config = readConfig({ PORT: "0", DATABASE_URL: url, ...env });
  const options = { ...toConnectOptions(config), distributed };
  const database = connect(url, { ...options, poolSize: 4, poolTimeoutMs: 5000 });
  let statements = 0;
  const counting: Database = {
    ...database,
    read: (statement, signal) => {
      // All requests of a second share the check of keys; it counts for none.
      if (!toStatement(statement).text.includes('FROM "keys"')) statements += 1;
      return database.read(statement, signal);
    },
    readBytes: (statement, signal) => {
      statements += 1;
      return database.readBytes(statement, signal);
    },
    rows: (statement, signal) => {
      // Writes of 25 ms share the notification, and requests of an hour the note that their key is used: both may be sent
      // after their answers, and count for none.
      if (!/pg_notify|UPDATE "keys"/.test(toStatement(statement).text)) statements += 1;
      return database.rows(statement, signal);
    },
    writeInBatch: (name, item, write, requester) => {
      const counted: typeof write = (executor, items) => {
        statements += 1;
        return write(executor, items);
      };
      return database.writeInBatch(name, item, counted, requester);
    },
  };
  const server = await startServer({ config, database: counting, log: pino({ level: "silent" }) });
  return {
    origin: new URL(server.url).origin,
    url,
    database,
    countStatements: async (work) => {
      const before = statements;
      await work();
      return statements - before;
    },
    close: async () => {
      await server.close();
      await database.close();
      await drop();
    },
  };
}
