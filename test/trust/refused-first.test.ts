import { pino } from "pino";
import { afterAll, beforeAll, expect, test, vi } from "vitest";

import { readConfig } from "../../src/config.ts";
import { startServer } from "../../src/server/server.ts";
import { createKey } from "../../src/store/keys/keys.ts";
import { connectTo } from "../harness/connect.ts";
import { startTestServer, type TestServer } from "../harness/server.ts";

let server: TestServer;
let origins: string[];
let closeAway: () => Promise<void>;
beforeAll(async () => {
  server = await startTestServer({ MAX_BODY_BYTES: "100" });
  await createKey(server.database, "shop", "project", null);
  await vi.waitUntil(async () => (await fetch(server.origin + LIST)).status === 401, { timeout: 5000 });
  const url = "postgres://nobody@127.0.0.1:1/none";
  const config = readConfig({ PORT: "0", DATABASE_URL: url, MAX_BODY_BYTES: "100" });
  const database = connectTo(url);
  const away = await startServer({ config, database, log: pino({ level: "silent" }) });
  origins = [server.origin, new URL(away.url).origin];
  closeAway = () => away.close().then(() => database.close());
});
afterAll(async () => {
  await closeAway();
  await server.close();
});

const LIST = "/openai/v1/conversations";
const post = (type: string, body: string): RequestInit => ({ method: "POST", headers: { "content-type": type }, body });
const JSON_TYPE = "application/json";

test.each<[string, string, RequestInit, number]>([
  ["a parameter of Foundry's list", `${LIST}?limit=0`, {}, 400],
  ["a parameter of Fixie's list", "/api/v1/agents/a/conversations?offset=x", {}, 400],
  ["an isolation header", LIST, { headers: { "x-ms-user-isolation-key": "" } }, 400],
  ["a consistency token", "/graphql?query={__typename}", { headers: { "x-consistency-token": "x" } }, 400],
  ["a method", LIST, { method: "PUT" }, 405],
  ["a media type", "/graphql", post("text/plain", "{}"), 415],
  ["a declared length", "/graphql", post(JSON_TYPE, "x".repeat(101)), 413],
])("%s that is wrong is refused without a key, and without the database", async (_what, path, init, status) => {
  for (const origin of origins) expect((await fetch(origin + path, init)).status).toBe(status);
});

test.each<[string, string, RequestInit]>([
  ["a request with nothing wrong", LIST, {}],
  ["a parameter below a project that the key has yet to open", `/api/projects/shop${LIST}?limit=0`, {}],
  ["a document", "/graphql", post(JSON_TYPE, '{"query":"{ __typename }"}')],
])("%s needs the key, and the database to know it", async (_what, path, init) => {
  const statuses = origins.map(async (origin) => (await fetch(origin + path, init)).status);
  expect(await Promise.all(statuses)).toEqual([401, 503]);
});

test.each(["{", '{"query":"{"}'])(
  "the body %j is not read of a caller without a key, and is refused where the database has to be asked for keys",
  async (body) => {
    const headers = { "content-type": JSON_TYPE, accept: "application/graphql-response+json" };
    const init = { method: "POST", headers, body };
    const statuses = origins.map(async (origin) => (await fetch(`${origin}/graphql`, init)).status);
    expect(await Promise.all(statuses)).toEqual([401, 400]);
  },
);
