import { once } from "node:events";
import { createServer, type Server } from "node:net";

import { sql } from "drizzle-orm";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";

import { toApiError } from "../../src/model/errors.ts";
import type { Database } from "../../src/store/database/client.ts";
import { connectTo } from "../harness/connect.ts";

// A balancer that has no server to lead to takes connections, and ends them.

let balancer: Server;
let database: Database;
let connections = 0;

beforeAll(async () => {
  balancer = createServer((caller) => {
    connections += 1;
    caller.on("error", () => {}).end();
  }).listen(0, "127.0.0.1");
  await once(balancer, "listening");
  const { port } = balancer.address() as { port: number };
  database = connectTo(`postgres://postgres@127.0.0.1:${port}/db`, { poolSize: 4 });
});
beforeEach(() => {
  connections = 0;
});
afterAll(async () => {
  await database.close();
  balancer.close();
});

test.each([
  ["a write", () => database.rows(sql`SELECT 1`), 1],
  ["a transaction", () => database.transaction((transaction) => transaction.rows(sql`SELECT 1`)), 1],
  ["an export", () => Array.fromAsync(database.stream(sql`SELECT 1`, 1)), 1],
  ["a read, which is sent again,", () => database.read(sql`SELECT 1`), 9],
])("%s fails, and connects no more often than it is sent", async (_what, work, most) => {
  for (let round = 1; round <= 3; round += 1) {
    expect(toApiError(await work().catch((error) => error)).code).toBe("SERVICE_UNAVAILABLE");
    expect(connections).toBeLessThanOrEqual(round * most);
  }
});
