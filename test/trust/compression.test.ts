import { type IncomingMessage, request } from "node:http";
import { buffer } from "node:stream/consumers";
import { brotliDecompressSync, gunzipSync, zstdDecompressSync } from "node:zlib";

import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { conversation, store, text, turn } from "../harness/conversations.ts";
import { startTestServer, type TestServer } from "../harness/server.ts";

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer({ COMPRESSION: "all", CORS_ORIGINS: "https://app.example.com" });
  const turns = (id: string, count: number) =>
    Array.from({ length: count }, (_, at) => turn(`${id}.${at}`, { messages: [text(`words of turn ${at}`)] }));
  await store(server.database, [
    conversation("long", { agent: { name: "long", version: null }, turns: turns("long", 1500) }),
    conversation("short", { agent: { name: "short", version: null }, turns: turns("short", 1) }),
    ...Array.from({ length: 50 }, (_, at) => conversation(`many${at}`, { agent: { name: "many", version: null } })),
  ]);
});
afterAll(() => server.close());

const DECODERS: Record<string, (body: Buffer) => Buffer> = {
  zstd: zstdDecompressSync,
  br: brotliDecompressSync,
  gzip: gunzipSync,
};

interface Asked {
  path: string;
  method?: string;
  body?: string;
}

/** The answer as it comes over the wire, with no header but these. */
function open({ path, method, body }: Asked, headers: Record<string, string>, { origin } = server) {
  return new Promise<IncomingMessage>((resolve, reject) => {
    const type = body === undefined ? {} : { "content-type": "application/json" };
    const sent = request(`${origin}${path}`, { method, agent: false, headers: { ...type, ...headers } }, resolve);
    sent.on("error", reject).end(body);
  });
}

async function load(asked: Asked, accepted?: string, from = server) {
  const response = await open(asked, accepted === undefined ? {} : { "accept-encoding": accepted }, from);
  const { statusCode: status, headers } = response;
  return { status, headers, coding: headers["content-encoding"], body: await buffer(response) };
}

const document = (query: string): Asked => ({ path: "/graphql", method: "POST", body: JSON.stringify({ query }) });
const LIST = "{ conversations(first: 50) { nodes { id createdAt metadata } } }";
const FIRST = document(LIST);
const MANY: Asked = { path: "/openai/v1/conversations?limit=50" };
const LONG: Asked = { path: "/api/v1/agents/long/conversations" };
const SHORT: Asked = { path: "/api/v1/agents/short/conversations" };

describe.each([
  ["a document", FIRST],
  ["the same again, past the pipeline", FIRST],
  ["a document in a URL", { path: `/graphql?query=${encodeURIComponent(LIST)}` }],
  ["Foundry's list", MANY],
  ["Fixie's list, in pieces", LONG],
] satisfies [string, Asked][])("%s", (_, asked) => {
  test.each(Object.entries(DECODERS))("comes as %s, and says the same", async (coding, decode) => {
    const plain = await load(asked);
    expect([plain.coding, plain.headers.vary]).toEqual([undefined, "origin, accept-encoding"]);
    const coded = await load(asked, coding);
    expect([coded.status, coded.coding, coded.headers.vary]).toEqual([200, coding, "origin, accept-encoding"]);
    expect(coded.headers["content-type"]).toBe(plain.headers["content-type"]);
    expect(coded.body.length).toBeLessThan(plain.body.length / 2);
    expect([undefined, String(coded.body.length)]).toContain(coded.headers["content-length"]);
    expect(decode(coded.body).equals(plain.body)).toBe(true);
  });
});

test.each([
  ["gzip, deflate, br, zstd", "zstd"],
  ["gzip, deflate, br", "br"],
  ["GZIP", "gzip"],
  ["*", "zstd"],
  ["zstd;q=0, *", "br"],
  ["zstd;q=0.2, br;q=0.8, gzip;q=0.5", "br"],
  ["gzip;q=0.5, identity", undefined],
  ["gzip;q=0.5, identity;q=0.1", "gzip"],
  ["gzip;q=0", undefined],
  ["identity;q=0, gzip", "gzip"],
  ["identity;q=0", undefined],
  ["*;q=0", undefined],
  ["", undefined],
  ["deflate, compress, x-unknown", undefined],
  [`gzip${", deflate".repeat(500)}`, undefined],
])("to whom accepts %j it comes as %s", async (accepted, coding) => {
  expect(await load(MANY, accepted)).toMatchObject({ status: 200, coding });
});

test.each([
  ["a short document", document("{ __typename }")],
  ["a short list in pieces", SHORT],
  ["an error", { path: "/openai/v1/conversations?limit=none" }],
] satisfies [string, Asked][])("%s goes as it is, unless its caller refuses that", async (_, asked) => {
  const plain = await load(asked, "gzip, br");
  expect([plain.coding, plain.headers.vary]).toEqual([undefined, "origin, accept-encoding"]);
  const coded = await load(asked, "gzip, identity;q=0");
  expect([coded.coding, coded.status]).toEqual(["gzip", plain.status]);
  expect(gunzipSync(coded.body).length).toBe(plain.body.length);
});

test("what has no body, and what comes compressed already, is left alone", async () => {
  const plain = await load(MANY);
  const head = await load({ ...MANY, method: "HEAD" }, "gzip");
  expect([head.coding, head.headers["content-length"]]).toEqual([undefined, String(plain.body.length)]);
  const preflight = await open({ path: "/graphql", method: "OPTIONS" }, { origin: "https://app.example.com" });
  expect([preflight.statusCode, preflight.headers.vary]).toEqual([204, "origin"]);
  const asset = await load({ path: "/schema.graphql" }, "gzip");
  expect([asset.coding, asset.headers.vary]).toEqual(["gzip", "origin, accept-encoding"]);
  expect(gunzipSync(asset.body).toString()).toContain("type Query");
});

test.each([{}, { COMPRESSION: "none" }, { COMPRESSION: "all", COMPRESSION_MIN_BYTES: "1000000" }])(
  "with %o an answer goes as it is",
  async (env) => {
    const other = await startTestServer(env, server.url);
    try {
      expect(await load(MANY, "gzip, br, zstd", other)).toMatchObject({ status: 200, coding: undefined });
    } finally {
      await other.close();
    }
  },
);
