import { sql } from "drizzle-orm";
import { afterAll, beforeAll, expect, test, vi } from "vitest";

import { createKey, hashKey, KEYS_CHANNEL, type KeyLimits, listKeys, revokeKey } from "../../src/store/keys/keys.ts";
import { postJson } from "../harness/marked-requests.ts";
import { startTestServer, type TestServer } from "../harness/server.ts";
import { everywhere, seenEverywhere } from "../harness/surfaces.ts";
import { watch } from "../harness/watch.ts";
import { create } from "../harness/writes.ts";

const ISOLATION = "x-ms-user-isolation-key";
const SOON = { timeout: 5000, interval: 20 };

let server: TestServer;
let mine: string;
let hers: string;
let keys: Record<"backend" | "alice" | "reader" | "passing" | "unused" | "unnoted" | "last", string>;
beforeAll(async () => {
  server = await startTestServer();
  const newKey = (access: "project" | "user", limits: KeyLimits = {}) =>
    createKey(server.database, "shop", access, null, limits);
  keys = {
    backend: await newKey("project"),
    alice: await newKey("user", { isolationKey: "alice" }),
    reader: await newKey("project", { readOnly: true }),
    passing: await newKey("project", { lifetimeSeconds: 3600 }),
    unused: await newKey("project"),
    unnoted: await newKey("project"),
    last: await newKey("project"),
  };
  const { backend, last } = keys;
  await vi.waitFor(async () => expect(await seenWith(`api-key: ${last}`)).toEqual(everywhere(200, [])), SOON);
  const agent = { name: "a" };
  mine = await create(server, { agent }, { "api-key": backend, [ISOLATION]: "alice" });
  hers = await create(server, { agent }, { "api-key": backend, [ISOLATION]: "bob" });
});
afterAll(() => server.close());

const seenWith = (...lines: string[]) => seenEverywhere(server.origin, lines);

test("a key of one user needs no header, takes the user's own, and opens nothing under another's name", async () => {
  const { alice: key } = keys;
  expect(await seenWith(`api-key: ${key}`)).toEqual(everywhere(200, [mine]));
  expect(await seenWith(`api-key: ${key}`, `${ISOLATION}: alice`)).toEqual(everywhere(200, [mine]));
  expect(await seenWith(`authorization: Bearer ${key}`, "x-ms-user-identity: alice")).toEqual(everywhere(200, [mine]));
  const error = { message: `The header ${ISOLATION} names another user than the caller's own.`, argument: ISOLATION };
  for (const other of ["bob", "Alice", "alice "]) {
    const seen = await seenWith(`api-key: ${key}`, `x-ms-user-identity: ${other}.`);
    expect(seen).toEqual(everywhere(403, error));
  }
  const made = await create(server, {}, { "api-key": key });
  const rows = await server.database.rows(sql`SELECT isolation_key AS user FROM conversations WHERE id = ${made}`);
  expect(rows).toEqual([{ user: "alice" }]);
});

const REFUSED = "This caller may only read.";

test.each([
  ["application/json", "JSON"],
  ["application/graphql-response+json", "a GraphQL response"],
])("a key that only reads is refused mutations with 403, as %s", async (accept, name) => {
  const { reader: key } = keys;
  const { body, headers } = postJson(
    `mutation { updateConversation(input: { id: "${mine}", metadata: [{ key: "${name}", value: "" }] }) { conversation { id } } }`,
  );
  // The second one goes past Yoga, which has accepted the document.
  for (const _time of [1, 2]) {
    const sent = { method: "POST", body: String(body), headers: { ...headers, accept, "api-key": key } };
    const response = await fetch(`${server.origin}/graphql`, sent);
    expect([response.status, await response.json()]).toEqual([
      403,
      { errors: [{ message: REFUSED, extensions: { code: "FORBIDDEN", requestId: expect.any(String) } }] },
    ]);
  }
  expect(await seenWith(`api-key: ${key}`)).toEqual(everywhere(200, [hers, mine]));
});

test("and every write of the Conversations API, before anything is read of it", async () => {
  const headers = { "api-key": keys.reader, "content-type": "application/json" };
  const path = `${server.origin}/openai/v1/conversations`;
  for (const [method, at] of [
    ["POST", ""],
    ["POST", `/${mine}`],
    ["POST", `/${mine}/items`],
    ["DELETE", `/${mine}`],
    ["DELETE", `/${mine}/items/msg_1`],
  ] as const) {
    const response = await fetch(path + at, { method, headers, body: method === "POST" ? "{" : null });
    const error = { message: REFUSED, type: "invalid_request_error", param: null, code: null };
    expect([method, at, response.status, await response.json()]).toEqual([method, at, 403, { error }]);
  }
  expect((await fetch(`${path}/${mine}`, { headers })).status).toBe(200);
  const watching = await watch(server, { conversationId: mine, afterRevision: 0 }, headers);
  watching.leave();
});

test("a key that has expired opens nothing, and its subscriptions end and say why", async () => {
  const { passing: key } = keys;
  const watching = await watch(server, { conversationId: mine }, { "api-key": key });
  expect(await seenWith(`api-key: ${key}`)).toEqual(everywhere(200, [hers, mine]));
  await server.database.rows(sql`UPDATE keys SET expires_at = now() WHERE expires_at IS NOT NULL`);
  await server.database.rows(sql`SELECT pg_notify(${KEYS_CHANNEL}, '')`);
  const message = "The key has expired.";
  const extensions = { code: "UNAUTHENTICATED", requestId: expect.any(String) };
  expect(JSON.parse(JSON.stringify(await watching.next()))).toEqual({ errors: [{ message, extensions }] });
  expect(await watching.next()).toBeNull();
  expect(await seenWith(`api-key: ${key}`)).toEqual(everywhere(401, { message, argument: null }));
});

test("the hour of a key's last use is kept, for which no request waits, and written once", async () => {
  const { unused: key } = keys;
  const find = async () => (await listKeys(server.database)).find((row) => row.hash === hashKey(key));
  const used = async () => (await find())?.lastUsedAt ?? null;
  expect(await used()).toBeNull();
  expect(await seenWith(`api-key: ${key}`)).toEqual(everywhere(200, [hers, mine]));
  await vi.waitFor(async () => expect(await used()).not.toBeNull(), SOON);
  const hour = (await used())?.getTime() ?? 0;
  expect([hour % 3_600_000, Date.now() - hour < 3_600_000 + 60_000]).toEqual([0, true]);
  const version = () => server.database.rows(sql`SELECT xmin::text FROM keys WHERE hash = ${hashKey(key)}`);
  const before = await version();
  for (const _time of [1, 2, 3]) await seenWith(`api-key: ${key}`);
  expect(await version()).toEqual(before);
});

test("a use that cannot be noted fails no request", async () => {
  const { unnoted: key } = keys;
  await server.database.rows(sql`ALTER TABLE keys ADD CONSTRAINT unused CHECK (last_used_at IS NULL) NOT VALID`);
  expect(await seenWith(`api-key: ${key}`)).toEqual(everywhere(200, [hers, mine]));
  await server.database.rows(sql`ALTER TABLE keys DROP CONSTRAINT unused`);
  for (const { id } of await listKeys(server.database)) await revokeKey(server.database, id);
  await vi.waitFor(async () => expect((await seenWith(`api-key: ${key}`))[0]).toEqual([401, expect.anything()]), SOON);
});
