import { brotliCompressSync, deflateSync, gzipSync } from "node:zlib";

import { afterAll, beforeAll, expect, test } from "vitest";

import { json, LEGACY, MEDIA_TYPES, STRICT, send } from "../harness/send.ts";
import { startTestServer, type TestServer } from "../harness/server.ts";

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.close());

const query = "{ __typename }";
const body = Buffer.from(JSON.stringify({ query }));
const encoded = (encoding: string, bytes: Buffer) => ({
  method: "POST",
  headers: { "content-type": LEGACY, "content-encoding": encoding },
  body: new Uint8Array(bytes),
});

test.each([
  ["gzip", gzipSync(body)],
  ["GZIP", gzipSync(body)],
  ["br", brotliCompressSync(body)],
  ["deflate", deflateSync(body)],
  ["identity, gzip", gzipSync(body)],
  ["gzip", body],
  ["unknown", body],
])("a body in the encoding %s is refused in the words of what is supported", async (encoding, bytes) => {
  for (const accept of MEDIA_TYPES) {
    const { status, headers, body: answer } = await send(server, accept, "", encoded(encoding, bytes));
    expect([status, headers.get("accept-encoding")]).toEqual([415, "identity"]);
    expect(answer).not.toHaveProperty("data");
    expect(answer.errors).toMatchObject([
      { message: expect.stringContaining("identity"), extensions: { code: "UNSUPPORTED_MEDIA_TYPE" } },
    ]);
  }
});

test.each(["identity", "Identity", "identity, identity", ""])(
  "one that is not encoded is read: %j",
  async (encoding) => {
    for (const accept of MEDIA_TYPES) {
      expect(await send(server, accept, "", encoded(encoding, body))).toMatchObject({
        status: 200,
        body: { data: { __typename: "Query" } },
      });
    }
  },
);

test("a request whose body is not read may say what it likes", async () => {
  const headers = { "content-encoding": "gzip" };
  expect(await send(server, STRICT, `?${new URLSearchParams({ query })}`, { headers })).toMatchObject({ status: 200 });
  expect((await fetch(`${server.origin}/openai/v1/conversations`, { headers })).status).toBe(200);
  expect(await send(server, STRICT, "", json({ query }))).toMatchObject({ status: 200 });
});
