import type postgres from "postgres";
import { afterAll, beforeAll, expect, inject, test } from "vitest";

import { withAdmin } from "../harness/admin.ts";
import { startTestServer, type TestServer } from "../harness/server.ts";
import { append, create, says } from "../harness/writes.ts";

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.close());

const APPEND = "mutation ($input: AppendTurnInput!) { appendTurn(input: $input) { turn { id } } }";

/** Sets whether sessions that begin from now on take writes. */
async function setReadOnly(value: "on" | "off"): Promise<void> {
  await asAdmin((admin, name) => admin.unsafe(`ALTER DATABASE ${name} SET default_transaction_read_only = ${value}`));
}

function asAdmin(work: (admin: postgres.Sql, name: string) => PromiseLike<unknown>): Promise<unknown> {
  return withAdmin(inject("clusterUrl"), (admin) => work(admin, new URL(server.url).pathname.slice(1)));
}

test("a database that takes no writes for a time is 503 for them, and as before at once after that", async () => {
  const conversationId = await create(server);
  await setReadOnly("on");
  await asAdmin((admin, name) => admin`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = ${name}`);
  const body = JSON.stringify({ query: APPEND, variables: { input: { conversationId, turn: says("x") } } });
  const headers = { "content-type": "application/json" };
  for (let round = 0; round < 10; round += 1) {
    const response = await fetch(`${server.origin}/graphql`, { method: "POST", headers, body });
    expect([response.status, response.headers.get("retry-after")]).toEqual([503, "1"]);
    expect(await response.json()).toMatchObject({ errors: [{ extensions: { code: "SERVICE_UNAVAILABLE" } }] });
    expect((await fetch(`${server.origin}/openai/v1/conversations`)).status).toBe(200);
  }
  // The sessions that stand were begun while it took none.
  await setReadOnly("off");
  await append(server, { conversationId, turn: says("again") });
});
