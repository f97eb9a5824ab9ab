import { connect } from "node:net";
import { text } from "node:stream/consumers";
import { setTimeout as delay } from "node:timers/promises";

import { sql } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { createKey } from "../../src/store/keys/keys.ts";
import { conversation, store } from "../harness/conversations.ts";
import { whileLocked } from "../harness/locks.ts";
import { rawGet } from "../harness/raw-request.ts";
import { startTestServer, type TestServer } from "../harness/server.ts";
import { getEverywhere, SURFACES } from "../harness/surfaces.ts";

let server: TestServer;
let project: string;
let user: string;
let foreign: string;

const ISOLATION = "x-ms-user-isolation-key";
const NEEDED = "A key is needed: `Authorization: Bearer KEY`, or `api-key: KEY`.";
const INVALID = "The key is not valid.";

beforeAll(async () => {
  server = await startTestServer();
  project = await createKey(server.database, "shop", "project", null);
  user = await createKey(server.database, "shop", "user", null);
  foreign = await createKey(server.database, "bank", "project", null);
  const agent = { name: "a", version: null };
  const owners = { c1: "ann", c2: "bob", c3: null };
  const records = Object.entries(owners).map(([id, isolationKey]) => conversation(id, { isolationKey, agent }));
  await store(server.database, records, "shop");
  await store(server.database, [conversation("f1", { isolationKey: "ann", agent })], "bank");
});
afterAll(() => server.close());

/** The ids that every surface shows to a caller with these header lines, which must have access. */
async function idsFor(...lines: string[]): Promise<string[]> {
  const answers = await getEverywhere(server.origin, lines);
  const [ids = [], ...others] = answers.map(({ surface, answer }) => surface.ids(answer.text));
  for (const other of others) expect(other).toEqual(ids);
  return ids;
}

describe("what a key opens, on every surface alike", () => {
  test("a project key: the whole project, or one user of it", async () => {
    expect(await idsFor(`api-key: ${project}`)).toEqual(["c3", "c2", "c1"]);
    expect(await idsFor(`api-key: ${project}`, `${ISOLATION}: bob`)).toEqual(["c2"]);
    expect(await idsFor(`api-key: ${foreign}`)).toEqual(["f1"]);
  });

  test("a user key: one user of the project at a time", async () => {
    expect(await idsFor(`api-key: ${user}`, `${ISOLATION}: ann`)).toEqual(["c1"]);
    expect(await idsFor(`api-key: ${user}`, "x-ms-user-identity: bob")).toEqual(["c2"]);
    expect(await idsFor(`api-key: ${user}`, `${ISOLATION}: nobody`)).toEqual([]);
  });

  test("a user key without a user is refused, with no word of the project", async () => {
    const message = `This key needs the header ${ISOLATION}.`;
    for (const { surface, answer } of await getEverywhere(server.origin, [`api-key: ${user}`])) {
      expect([surface.name, answer.status]).toEqual([surface.name, 400]);
      expect(surface.error(answer.text)).toEqual({ message, argument: null });
    }
    const [graphql, foundry] = await getEverywhere(server.origin, [`api-key: ${user}`]);
    expect(JSON.parse(graphql?.answer.text ?? "").errors[0].extensions.code).toBe("MISSING_REQUIRED_HEADER");
    expect(JSON.parse(foundry?.answer.text ?? "").error.code).toBe("missing_required_header");
  });
});

describe("how a key is sent", () => {
  test.each([
    ["as api-key", (key: string) => [`api-key: ${key}`]],
    ["as a bearer", (key: string) => [`Authorization: Bearer ${key}`]],
    ["as a bearer in another case", (key: string) => [`AUTHORIZATION: bEARER   ${key}`]],
    ["as both", (key: string) => [`Authorization: Bearer ${key}`, `api-key: ${key}`]],
    ["twice", (key: string) => [`api-key: ${key}`, `api-key: ${key}`]],
  ])("%s", async (_how, lines) => {
    expect(await idsFor(...lines(project))).toEqual(["c3", "c2", "c1"]);
  });

  test.each([
    ["not at all", () => [], NEEDED],
    ["empty", () => ["api-key: "], INVALID],
    ["as a bearer without a key", () => ["Authorization: Bearer "], INVALID],
    ["as a bearer with more behind it", (key: string) => [`Authorization: Bearer ${key} x`], INVALID],
    ["in another scheme", (key: string) => [`Authorization: Basic ${key}`], NEEDED],
    ["without a scheme", (key: string) => [`Authorization: ${key}`], NEEDED],
    ["in the query", (key: string) => [`Referer: /?api-key=${key}`], NEEDED],
    [
      "two different ones, each of which opens",
      (key: string) => [`Authorization: Bearer ${key}`, `api-key: ${foreign}`],
      INVALID,
    ],
    ["one that opens beside one that does not", (key: string) => [`api-key: ${key}`, "api-key: x"], INVALID],
    ["one letter less", (key: string) => [`api-key: ${key.slice(0, -1)}`], INVALID],
    ["one letter more", (key: string) => [`api-key: ${key}A`], INVALID],
    [
      "one letter changed",
      (key: string) => [`api-key: ${key.slice(0, -2)}${key.at(-2) === "A" ? "B" : "A"}${key.at(-1)}`],
      INVALID,
    ],
    ["in another case", (key: string) => [`api-key: ${key.toUpperCase()}`], INVALID],
    ["10,000 letters", () => [`api-key: ${"x".repeat(10_000)}`], INVALID],
    ["with letters beyond ASCII", (key: string) => [`api-key: ${key}\u00e9`], INVALID],
  ] satisfies [string, (key: string) => string[], string][])("refused: %s", async (_how, lines, message) => {
    for (const { surface, answer } of await getEverywhere(server.origin, lines(project))) {
      expect([surface.name, answer.status]).toEqual([surface.name, 401]);
      expect(answer.headers["www-authenticate"]).toBe("Bearer");
      expect(surface.error(answer.text)).toEqual({ message, argument: null });
    }
  });

  test("the refusal comes in each surface's envelope", async () => {
    const [graphql, foundry, fixie] = await getEverywhere(server.origin, []);
    const requestId = graphql?.answer.headers["x-request-id"];
    const errors = [{ message: NEEDED, extensions: { code: "UNAUTHENTICATED", requestId } }];
    expect(JSON.parse(graphql?.answer.text ?? "")).toEqual({ errors });
    const error = { message: NEEDED, type: "invalid_request_error", param: null, code: "invalid_api_key" };
    expect(JSON.parse(foundry?.answer.text ?? "")).toEqual({ error });
    const problem = { type: "about:blank", title: "Unauthorized", status: 401, detail: NEEDED };
    expect(JSON.parse(fixie?.answer.text ?? "")).toEqual(problem);
    expect(fixie?.answer.headers["content-type"]).toBe("application/problem+json; charset=utf-8");
  });

  test("a POST, a subscription and a GET with a body are refused as well", async () => {
    for (const accept of ["application/json", "text/event-stream"]) {
      const query = 'subscription { turnChanged(conversationId: "c1") { turn { id } } }';
      const headers = { accept, "content-type": "application/json" };
      const { status } = await fetch(`${server.origin}/graphql`, {
        method: "POST",
        headers,
        body: JSON.stringify({ query }),
      });
      expect(status).toBe(401);
    }
  });
});

describe("while the database has to be asked for the keys", () => {
  const post = (query: string, key?: string, accept = "application/graphql-response+json") =>
    fetch(`${server.origin}/graphql`, {
      method: "POST",
      headers: { accept, "content-type": "application/json", ...(key !== undefined && { "api-key": key }) },
      body: JSON.stringify({ query }),
    });
  /** What is answered to requests that come when the server knows of no key, and the keys cannot be read yet. */
  const unknown = (ask: () => Promise<Response>[]) =>
    whileLocked(server.database, sql`LOCK TABLE keys IN ACCESS EXCLUSIVE MODE`, async () => {
      // As long as what it knew from its last look may count.
      await delay(1000);
      return Promise.all(ask());
    });

  test("nobody without one learns what the schema has, and the refusal is the same as ever", async () => {
    const lists = ["/openai/v1/conversations", "/api/v1/agents/a/conversations"];
    const answers = await unknown(() => [
      post("{ nonsense }"),
      post("{ nonsense }", undefined, "application/json"),
      post("{ conversations { totalCount } }", "cg_wrong"),
      fetch(`${server.origin}/graphql?query={nonsense}`),
      ...lists.map((path) => fetch(server.origin + path)),
    ]);
    for (const answer of answers) {
      expect([answer.status, answer.headers.get("www-authenticate")]).toEqual([401, "Bearer"]);
      expect(await answer.text()).toMatch(/A key is needed|The key is not valid/);
    }
    const { errors } = JSON.parse(await (await post("{ nonsense }")).text());
    expect(errors).toEqual([
      { message: NEEDED, extensions: { code: "UNAUTHENTICATED", requestId: expect.any(String) } },
    ]);
  });

  test("whoever has one is answered once they are read", async () => {
    const statuses = await unknown(() => [
      post("{ conversations { totalCount } }", project),
      post("{ nonsense }", project),
      fetch(`${server.origin}/openai/v1/conversations`, { headers: { "api-key": project } }),
      fetch(`${server.origin}/api/projects/bank/openai/v1/conversations`, { headers: { "api-key": project } }),
    ]);
    expect(statuses.map(({ status }) => status)).toEqual([200, 400, 200, 404]);
  });
});

describe("a project in the path", () => {
  const paths = ["/openai/v1/conversations", "/openai/conversations"];

  test.each(paths)("that the key opens: %s", async (path) => {
    const answer = await rawGet(`${server.origin}/api/projects/shop${path}`, [`api-key: ${project}`]);
    expect([answer.status, JSON.parse(answer.text).data.length]).toEqual([200, 3]);
  });

  test.each(paths.flatMap((path) => ["bank", "unknown", "SHOP", "%73hop%00", "%"].map((name) => [name, path])))(
    "that the key does not open is an unknown URL: %s%s",
    async (name, path) => {
      for (const key of [project, user]) {
        const url = `/api/projects/${name}${path}`;
        const answer = await rawGet(server.origin + url, [`api-key: ${key}`, `${ISOLATION}: ann`]);
        const unknown = await rawGet(`${server.origin}/v1/x`);
        expect(answer.status).toBe(404);
        expect(answer.text).toBe(unknown.text.replace("/v1/x", url));
        expect(Object.keys(answer.headers)).toEqual(Object.keys(unknown.headers));
      }
    },
  );
});

describe("with keys the server answers under any host", () => {
  test.each(["example.com", "example.com:443", "10.0.0.1", "[fe80::1]:80"])("%s", async (host) => {
    expect(await idsFor(`host: ${host}`, `api-key: ${project}`)).toEqual(["c3", "c2", "c1"]);
  });

  test.each(["a b", "a/b", "a@b", "a?b", "a#b", "é", "%", "a,b", "<script>", ":", ":80", "[", "]", "a:b:c", "a:99999"])(
    "but not under %j, which is none",
    async (host) => {
      for (const { surface, answer } of await getEverywhere(server.origin, [`host: ${host}`, `api-key: ${project}`])) {
        expect([surface.name, answer.status]).toEqual([surface.name, 400]);
        expect(surface.error(answer.text)).toEqual({ message: "The header host is not a host.", argument: "host" });
      }
    },
  );

  test("and without one, as HTTP/1.0 has it", async () => {
    for (const { path } of SURFACES) {
      for (const host of ["", "Host: \r\n"]) {
        expect(await exchange(`GET ${path} HTTP/1.0\r\n${host}api-key: ${project}\r\n\r\n`)).toMatch(
          /^HTTP\/1\.1 200 /,
        );
      }
    }
  });
});

/** Sends the bytes, and gives back what comes until the server closes the connection. */
function exchange(bytes: string): Promise<string> {
  const { hostname, port } = new URL(server.origin);
  const socket = connect(Number(port), hostname);
  socket.write(bytes);
  return text(socket);
}
