import { sql } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { json, LEGACY, MEDIA_TYPES, STRICT, send } from "../harness/send.ts";
import { startTestServer, type TestServer } from "../harness/server.ts";

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer({ MAX_BODY_BYTES: "2000" });
});
afterAll(() => server.close());

describe.each(MEDIA_TYPES)("real statuses under %s", (accept) => {
  const post = (type: string, body: string): RequestInit => ({
    method: "POST",
    headers: { "content-type": type },
    body,
  });

  test.each(["{", "", "[]", "null", '"{__typename}"'])("a body that is no JSON object: %j", async (text) => {
    const { status, body } = await send(server, accept, "", post(LEGACY, text));
    expect([status, body.errors?.[0]?.extensions.code]).toEqual([400, "BAD_REQUEST"]);
    expect(body).not.toHaveProperty("data");
  });

  test("queries over GET are answered, mutations refused", async () => {
    const query = "query ($id: ID!) { node(id: $id) { id } }";
    const good = await send(server, accept, `?${new URLSearchParams({ query, variables: '{"id":"x"}' })}`);
    expect([good.status, good.body]).toEqual([200, { data: { node: null } }]);
    const mutation = await send(server, accept, "?query=mutation{__typename}");
    expect([mutation.status, mutation.headers.get("allow")]).toEqual([405, "POST"]);
    expect(mutation.body).not.toHaveProperty("data");
  });

  test.each([
    ["application/x-www-form-urlencoded", "query=mutation{__typename}"],
    ["text/plain", '{"query":"{__typename}"}'],
    ["application/graphql", "{__typename}"],
    [
      "multipart/form-data; boundary=x",
      '--x\r\ncontent-disposition: form-data; name="operations"\r\n\r\n{"query":"{__typename}"}\r\n--x--\r\n',
    ],
    ["application/jsonp", '{"query":"{__typename}"}'],
  ])("what a web page can send without asking is not JSON: %s", async (type, body) => {
    const answer = await send(server, accept, "", post(type, body));
    expect([answer.status, answer.body.errors?.[0]?.extensions.code]).toEqual([415, "UNSUPPORTED_MEDIA_TYPE"]);
    expect(answer.body).not.toHaveProperty("data");
  });

  test("the content type of JSON may be spelled in other ways", async () => {
    for (const type of ["application/json;charset=UTF-8", "Application/JSON", STRICT]) {
      expect(await send(server, accept, "", post(type, '{"query":"{__typename}"}'))).toMatchObject({ status: 200 });
    }
  });

  test("a body over the limit, whether or not its length is told", async () => {
    const request = (bytes: number) =>
      JSON.stringify({ query: "{ __typename }".padEnd(bytes - '{"query":""}'.length) });
    expect(await send(server, accept, "", post(LEGACY, request(2000)))).toMatchObject({ status: 200 });
    expect(await send(server, accept, "", post(LEGACY, request(2001)))).toMatchObject({
      status: 413,
      body: { errors: [{}] },
    });
    const untold = { ...post(LEGACY, ""), body: new Blob([request(2001)]).stream(), duplex: "half" };
    expect(await send(server, accept, "", untold)).toMatchObject({ status: 413, body: { errors: [{}] } });
  });

  test.each(["PUT", "PATCH", "DELETE", "OPTIONS"])("the method %s", async (method) => {
    const { status, headers, body } = await send(server, accept, "", { method });
    expect([status, body.errors?.[0]?.extensions.code]).toEqual([405, "METHOD_NOT_ALLOWED"]);
    expect(headers.get("allow")).toMatch(/^GET, POST/);
  });
});

describe.each(MEDIA_TYPES)("errors of the server tell nothing of it under %s", (accept) => {
  const query = '{ __typename node(id: "x") { id ... on Turn { errorDetail } } }';

  test("something unforeseen: 500", async () => {
    await server.database.rows(sql`ALTER TABLE turns RENAME COLUMN error_detail TO hidden`);
    const { status, body } = await send(server, accept, "", json({ query }));
    await server.database.rows(sql`ALTER TABLE turns RENAME COLUMN hidden TO error_detail`);
    expect(status).toBe(500);
    expect(body.data).toEqual({ __typename: "Query", node: null });
    const extensions = { code: "INTERNAL_SERVER_ERROR", requestId: expect.any(String) };
    const message = "Something went wrong on the server.";
    expect(body.errors).toEqual([{ message, path: ["node"], locations: expect.any(Array), extensions }]);
    expect(await send(server, accept, "", json({ query }))).toMatchObject({ status: 200 });
  });

  test.each([
    ["a lock held", { LOCK_TIMEOUT_MS: "100" }, 503, "SERVICE_UNAVAILABLE", "1"],
    ["a statement that takes too long", { STATEMENT_TIMEOUT_MS: "100" }, 504, "TIMEOUT", null],
  ])("%s", async (_name, env, status, code, retryAfter) => {
    const locked = await startTestServer(env);
    await locked.database.transaction(async (transaction) => {
      // The lock may be taken on several machines.
      await transaction.rows(sql`SET LOCAL statement_timeout = 0`);
      await transaction.rows(sql`LOCK TABLE turns IN ACCESS EXCLUSIVE MODE`);
      const answer = await send(locked, accept, "", json({ query }));
      expect([answer.status, answer.headers.get("retry-after")]).toEqual([status, retryAfter]);
      expect(answer.body.data).toEqual({ __typename: "Query", node: null });
      const extensions = { code, requestId: expect.any(String) };
      expect(answer.body.errors?.map((error) => [error.path, error.extensions])).toEqual([[["node"], extensions]]);
    });
    expect(await send(locked, accept, "", json({ query }))).toMatchObject({ status: 200 });
    await locked.close();
  });

  test("the database away: 503 with Retry-After", async () => {
    const broken = await startTestServer();
    await broken.database.close();
    for (const document of [query, "{ conversations { totalCount nodes { id } } }"]) {
      const { status, headers, body } = await send(broken, accept, "", json({ query: document }));
      expect([status, headers.get("retry-after")]).toEqual([503, "1"]);
      expect(body.errors).toHaveLength(1);
      const extensions = { code: "SERVICE_UNAVAILABLE", requestId: expect.any(String) };
      expect(body.errors?.[0]).toMatchObject({ message: "The database is not available. Try again shortly." });
      expect(body.errors?.[0]?.extensions).toEqual(extensions);
    }
    await broken.close();
  });
});
