import { createHash } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { createKey } from "../../src/store/keys/keys.ts";
import { conversation, store } from "../harness/conversations.ts";
import { readMetrics } from "../harness/metrics.ts";
import { json, LEGACY, MEDIA_TYPES, STRICT, send } from "../harness/send.ts";
import { startTestServer, type TestServer } from "../harness/server.ts";

const QUERY = "query Ids { conversations { nodes { id } } }";
const TRUSTED = "query Total($first: Int) { conversations(first: $first) { totalCount } }";
const CREATE = "mutation { createConversation(input: {}) { conversation { id } } }";
const IDS = { data: { conversations: { nodes: [{ id: "c" }] } } };
const TOTAL = { data: { conversations: { totalCount: 1 } } };

const sha256 = (text: string) => createHash("sha256").update(text).digest("hex");
const byHash = (sha256Hash: string, query?: string) => ({
  query,
  extensions: { persistedQuery: { version: 1, sha256Hash } },
});
const register = (query: string) => byHash(sha256(query), query);
const code = ({ body }: Awaited<ReturnType<typeof send>>) => body.errors?.[0]?.extensions.code;

let server: TestServer;
let only: TestServer;
let closed: TestServer;
const keys: string[] = [];
beforeAll(async () => {
  const file = join(await mkdtemp(join(tmpdir(), "conversation-graph-")), "documents.json");
  await writeFile(file, JSON.stringify({ total: TRUSTED, create: CREATE, [sha256(TRUSTED)]: TRUSTED }));
  server = await startTestServer({ PERSISTED_DOCUMENTS: file, METRICS: "1" });
  only = await startTestServer({ PERSISTED_DOCUMENTS: file, PERSISTED_DOCUMENTS_ONLY: "1" }, server.url);
  await rm(dirname(file), { recursive: true });
  await store(server.database, [conversation("c")]);
  closed = await startTestServer();
  for (const project of ["shop", "bank"]) keys.push(await createKey(closed.database, project, "project", null));
});
afterAll(async () => {
  await Promise.all([only.close(), closed.close()]);
  await server.close();
});

test.each(MEDIA_TYPES)("a document is asked for by its hash once it was sent with it: %s", async (type) => {
  const text = `${QUERY} # ${type}`;
  const unknown = await send(server, type, "", json(byHash(sha256(text))));
  expect([unknown.status, code(unknown)]).toEqual([type === LEGACY ? 200 : 400, "PERSISTED_QUERY_NOT_FOUND"]);
  expect(unknown.body.errors?.[0]?.message).toBe("PersistedQueryNotFound");
  expect((await send(server, type, "", json(register(text)))).body).toEqual(IDS);
  expect((await send(server, type, "", json(byHash(sha256(text))))).body).toEqual(IDS);
});

describe("trusted documents", () => {
  const ways = [
    ["documentId", { documentId: "total" }],
    ["doc_id", { doc_id: "total" }],
    ["the extension", byHash(sha256(TRUSTED))],
    ["an id with its own text", { documentId: "total", query: TRUSTED }],
  ] as const;
  test.each(ways)("are asked for by %s, where others are answered and where not", async (_way, asked) => {
    for (const from of [server, only]) {
      expect((await send(from, STRICT, "", json({ ...asked, variables: { first: 1 } }))).body).toEqual(TOTAL);
    }
  });

  test("are the only ones where the settings say so", async () => {
    for (const [asked, expected] of [
      [{ query: QUERY }, "PERSISTED_QUERY_ID_REQUIRED"],
      [{ query: TRUSTED }, "PERSISTED_QUERY_ID_REQUIRED"],
      [{ query: "{ __schema { types { name } } }" }, "PERSISTED_QUERY_ID_REQUIRED"],
      [register(QUERY), "PERSISTED_QUERY_NOT_IN_LIST"],
      [{ documentId: "constructor" }, "PERSISTED_QUERY_NOT_IN_LIST"],
      [{ documentId: "total", query: QUERY }, "PERSISTED_QUERY_MISMATCH"],
    ] as const) {
      const answer = await send(only, STRICT, "", json(asked));
      expect([answer.status, code(answer)]).toEqual([400, expected]);
    }
  });
});

test.each([
  ["a hash that is another text's", byHash(sha256(TRUSTED), QUERY), "PERSISTED_QUERY_MISMATCH"],
  ["an unknown id", { documentId: "none" }, "PERSISTED_QUERY_NOT_FOUND"],
  ["an unknown id with a text", { documentId: "none", query: QUERY }, "PERSISTED_QUERY_MISMATCH"],
  ["another version", { extensions: { persistedQuery: { version: 2, sha256Hash: "x" } } }, "BAD_REQUEST"],
  ["an id that is no string", { documentId: 1 }, "BAD_REQUEST"],
])("%s is refused", async (_what, asked, expected) => {
  expect(code(await send(server, STRICT, "", json(asked)))).toBe(expected);
});

test("what one project persisted no other finds, and a caller without a key persists nothing", async () => {
  const [shop = "", bank = ""] = keys;
  const ask = (asked: object, key?: string) => {
    const init = json(asked);
    return send(closed, STRICT, "", {
      ...init,
      headers: { ...init.headers, ...(key !== undefined && { "api-key": key }) },
    });
  };
  expect([(await ask(register(QUERY))).status, (await ask(byHash(sha256(QUERY)))).status]).toEqual([401, 401]);
  expect(code(await ask(byHash(sha256(QUERY)), shop))).toBe("PERSISTED_QUERY_NOT_FOUND");
  expect((await ask(register(QUERY), shop)).status).toBe(200);
  expect((await ask(byHash(sha256(QUERY)), shop)).status).toBe(200);
  expect(code(await ask(byHash(sha256(QUERY)), bank))).toBe("PERSISTED_QUERY_NOT_FOUND");
});

test("both kinds go the fast way, by POST and by GET", async () => {
  const compiled = async () =>
    (await readMetrics(server.origin)).get('conversation_graph_documents_total{form="compiled"}') ?? 0;
  await send(server, LEGACY, "", json(register(QUERY)));
  const search = `?${new URLSearchParams({ extensions: JSON.stringify(byHash(sha256(QUERY)).extensions) })}`;
  const before = await compiled();
  for (const asked of [json({ documentId: "total" }), json(byHash(sha256(QUERY)))])
    await send(server, LEGACY, "", asked);
  for (const path of ["?documentId=total", search]) await send(server, LEGACY, path);
  expect(await compiled()).toBe(before + 4);
});

describe("a GET", () => {
  const cacheOf = async (from: TestServer, path: string, headers = {}) => {
    const answer = await send(from, LEGACY, path, { headers });
    return [answer.headers.get("cache-control"), answer.headers.get("vary")];
  };
  test("of a persisted document may be kept by a CDN, without a key and without an error", async () => {
    const [cache, vary] = await cacheOf(server, "?documentId=total");
    expect(cache).toBe("public, max-age=0, s-maxage=10");
    for (const name of ["origin", "accept", "authorization", "api-key", "x-ms-user-isolation-key"])
      expect(vary).toContain(name);
  });
  test.each([
    ["a document that was sent", `?query=${encodeURIComponent(QUERY)}`],
    ["an unknown document", "?documentId=none"],
    ["an error", "?documentId=total&variables=%7B%22first%22%3A-1%7D"],
    ["a mutation", "?documentId=create"],
  ])("is not for shared caches: %s", async (_what, path) => {
    expect((await cacheOf(server, path))[0]).toBe("private, no-cache");
  });
  test("with a key is not for shared caches", async () => {
    const search = `?${new URLSearchParams({ extensions: JSON.stringify(byHash(sha256(QUERY)).extensions) })}`;
    const init = json(register(QUERY));
    const headers = { "api-key": keys[0] ?? "" };
    await send(closed, LEGACY, "", { ...init, headers: { ...init.headers, ...headers } });
    expect((await cacheOf(closed, search, headers))[0]).toBe("private, no-cache");
  });
});
