import { sql } from "drizzle-orm";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";

import { type Issuer, startIssuer } from "../harness/issuer.ts";
import { readMetrics } from "../harness/metrics.ts";
import { startTestServer, type TestServer } from "../harness/server.ts";
import { watch } from "../harness/watch.ts";
import { append, create, says } from "../harness/writes.ts";
import { PATHS } from "./surface-paths.ts";

let issuer: Issuer;
let server: TestServer;
beforeAll(async () => {
  issuer = await startIssuer();
  await issuer.addKey("ES256");
  server = await startTestServer({ ...issuer.env, METRICS: "1" });
});
afterAll(async () => {
  await server.close();
  await issuer.close();
});

async function statuses(token: string, { origin } = server): Promise<number[]> {
  const headers = { authorization: `Bearer ${token}` };
  return Promise.all(PATHS.map(async (path) => (await fetch(origin + path, { headers })).status));
}

const everywhere = (status: number) => PATHS.map(() => status);

async function startOther(env: Record<string, string>): Promise<TestServer> {
  const other = await startTestServer(env, server.url);
  onTestFinished(other.close);
  return other;
}

// These build on each other: what was read of the JWKS is known from then on.
test("a key that the issuer adds counts at once, and one that it takes away no longer than the next read", async () => {
  const first = await issuer.sign();
  expect(await statuses(first)).toEqual(everywhere(200));
  expect(issuer.reads()).toBe(1);
  await issuer.addKey("EdDSA");
  expect(await statuses(await issuer.sign())).toEqual(everywhere(200));
  expect(await statuses(first)).toEqual(everywhere(200));
  await issuer.addKey("PS256", true);
  expect(await statuses(await issuer.sign())).toEqual(everywhere(200));
  expect(await statuses(first)).toEqual(everywhere(401));
});

test.each(["error", "nonsense"] as const)(
  "while the JWKS gives %s, known keys go on, and an unknown one is 503, never 500",
  async (answer) => {
    const known = await issuer.sign({}, "key-3");
    issuer.answer = answer;
    await issuer.addKey("ES384");
    const unknown = await issuer.sign();
    expect(await statuses(unknown)).toEqual(everywhere(503));
    expect(await statuses(known)).toEqual(everywhere(200));
    expect(await statuses(await issuer.sign({ sub: "new" }, "key-3"))).toEqual(everywhere(200));
    const response = await fetch(server.origin + PATHS[1], { headers: { authorization: `Bearer ${unknown}` } });
    expect([response.status, response.headers.get("retry-after")]).toEqual([503, "1"]);
  },
);

test("tokens with made-up key ids cost few reads of the JWKS, whoever sends how many", async () => {
  const before = issuer.reads();
  const tokens = await Promise.all(Array.from({ length: 50 }, () => issuer.addKey("ES256").then(() => issuer.sign())));
  for (const token of tokens) expect(await statuses(token)).toEqual(everywhere(503));
  expect(issuer.reads() - before).toBeLessThanOrEqual(5);
});

test("a server that starts while the JWKS is away answers tokens with 503, and never opens", async () => {
  issuer.answer = "error";
  const other = await startOther({ ...issuer.env, HOST: "127.1" });
  expect(await statuses(await issuer.sign(), other)).toEqual(everywhere(503));
  expect(await Promise.all(PATHS.map(async (path) => (await fetch(other.origin + path)).status))).toEqual(
    everywhere(401),
  );
  issuer.answer = "keys";
  expect(await statuses(await issuer.sign(), other)).toEqual(everywhere(200));
});

test("callers are counted by what they showed, and by what became of it", async () => {
  const access = async (credential: string, outcome: string) =>
    (await readMetrics(server.origin)).get(
      `conversation_graph_access_total{credential="${credential}",outcome="${outcome}"}`,
    ) ?? 0;
  const counts = () => Promise.all(["granted", "invalid", "expired"].map((outcome) => access("token", outcome)));
  const before = await counts();
  await statuses(await issuer.sign({ exp: 1 }, "key-3"));
  await statuses("nonsense");
  await statuses(await issuer.sign({}, "key-3"));
  expect(await counts()).toEqual(before.map((count) => count + PATHS.length));
  expect(await access("none", "missing")).toBe(0);
});

test("a server that meets a project for the first time writes nothing of it where it exists", async () => {
  const other = await startOther(issuer.env);
  const headers = { authorization: `Bearer ${await issuer.sign({}, "key-3")}` };
  const list = async () => expect((await fetch(other.origin + PATHS[1], { headers })).status).toBe(200);
  await server.database.transaction(async (transaction) => {
    // Lets reads through, and no write.
    await transaction.rows(sql`LOCK TABLE projects IN SHARE ROW EXCLUSIVE MODE`);
    // The look at the project, and the list.
    expect(await other.countStatements(list)).toBe(2);
  });
  expect(await other.countStatements(list)).toBe(1);
});

test("a subscription ends with the token, says so, and goes on with a new one; the user's others go on", async () => {
  const token = await issuer.sign({ scope: "any" }, "key-3");
  const conversationId = await create(server, {}, { authorization: `Bearer ${token}` });
  // The clocks may be five seconds apart: it counts for two or three seconds.
  const brief = await issuer.sign({ exp: Math.floor(Date.now() / 1000) - 2 }, "key-3");
  const watching = await watch(server, { conversationId }, { authorization: `Bearer ${brief}` });
  const other = await watch(server, { conversationId }, { authorization: `Bearer ${token}` });
  const say = () => append(server, { conversationId, turn: says("x") }, { authorization: `Bearer ${token}` });
  await say();
  await other.take(1);
  const extensions = { code: "UNAUTHENTICATED", requestId: expect.any(String) };
  const errors = [{ message: "The token has expired.", extensions }];
  const events = [await watching.next(), await watching.next()];
  // The turn comes where the token still counted.
  if (events[0]?.errors === undefined) events.splice(0, 1, ...events.splice(1), await watching.next());
  expect(JSON.parse(JSON.stringify(events))).toEqual([{ errors }, null]);
  expect(await statuses(brief)).toEqual(everywhere(401));
  const { position } = await say();
  expect(await other.take(1)).toMatchObject([{ position }]);
  other.leave();
  const again = await watch(server, { conversationId, afterRevision: 0 }, { authorization: `Bearer ${token}` });
  again.leave();
});
