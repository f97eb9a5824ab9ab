import { sql } from "drizzle-orm";
import { afterAll, beforeAll, beforeEach, expect, onTestFinished, test } from "vitest";
import { MARK, MARKED_REQUESTS, postJson } from "../harness/marked-requests.ts";
import { type Outcome, startServer } from "../harness/program.ts";
import { startTestServer, type TestServer } from "../harness/server.ts";
import { append, create, says } from "../harness/writes.ts";
import { type Collector, type Span, startCollector } from "./collector.ts";

const SERVER = 2;
const CLIENT = 3;
const TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";
const PARENT = "00f067aa0ba902b7";

let here: TestServer;
let collector: Collector;
beforeAll(async () => {
  here = await startTestServer();
});
afterAll(() => here.close());
beforeEach(async () => {
  collector = await startCollector();
  onTestFinished(collector.close);
});

/** Serves during the work, and resolves to how the program ended. Its spans have been sent by then. */
async function serving(env: Record<string, string>, work: (origin: string) => Promise<unknown>): Promise<Outcome> {
  const server = await startServer({ DATABASE_URL: here.url, OTEL_EXPORTER_OTLP_ENDPOINT: collector.endpoint, ...env });
  await work(new URL(server.url).origin);
  return server.stop("SIGTERM");
}

async function send(url: string, init: RequestInit = {}): Promise<string> {
  const response = await fetch(url, init);
  await response.text();
  return response.headers.get("x-request-id") ?? "";
}

const named = (name: string) => collector.spans.filter((span) => span.name === name);
const under = (parent: Span | undefined) => collector.spans.filter((span) => span.parentSpanId === parent?.spanId);

test("a request, its operation and its statements are spans of one trace, which is the caller's", async () => {
  let requestId = "";
  const outcome = await serving({}, async (origin) => {
    const init = postJson("query Shown { conversations(first: 1) { totalCount nodes { turns { totalCount } } } }");
    requestId = await send(`${origin}/graphql`, {
      ...init,
      headers: { ...init.headers, traceparent: `00-${TRACE}-${PARENT}-01` },
    });
  });
  expect(outcome).toMatchObject({ status: 0, stderr: "" });
  expect(collector.resource).toMatchObject({ "service.name": "conversation-graph" });
  const [request] = named("POST graphql");
  expect(request).toMatchObject({
    traceId: TRACE,
    parentSpanId: PARENT,
    kind: SERVER,
    isError: false,
    attributes: {
      "http.request.method": "POST",
      "http.response.status_code": 200,
      "conversation_graph.surface": "graphql",
      "conversation_graph.request_id": requestId,
    },
  });
  const [operation] = under(request).filter(({ name }) => name === "query");
  expect(operation).toMatchObject({
    traceId: TRACE,
    attributes: { "graphql.operation.type": "query", "graphql.operation.name": "Shown" },
  });
  const statements = under(operation);
  expect(statements.length).toBeGreaterThan(0);
  for (const statement of statements) {
    expect(statement).toMatchObject({ traceId: TRACE, kind: CLIENT, attributes: { "db.system.name": "postgresql" } });
    expect(statement.attributes["db.query.text"]).toMatch(/FROM "conversation/);
  }
});

test("a request without a trace begins one, and the lists show the documents that they run", async () => {
  await serving({ OTEL_SERVICE_NAME: "history" }, async (origin) => {
    await send(`${origin}/openai/v1/conversations`);
    await send(`${origin}/api/v1/agents/a/conversations`, { headers: { traceparent: "not a trace" } });
  });
  expect(collector.resource).toMatchObject({ "service.name": "history" });
  const requests = [...named("GET foundry"), ...named("GET fixie")];
  expect(requests).toHaveLength(2);
  expect(new Set(requests.map(({ traceId }) => traceId)).size).toBe(2);
  for (const request of requests) {
    expect(request.parentSpanId ?? "").toBe("");
    expect(under(request).map(({ name }) => name)).toContain("query");
  }
});

test("what fails is marked, with the status and the SQLSTATE but not in the database's words", async () => {
  await here.database.rows(
    sql`ALTER TABLE turns ADD CONSTRAINT broken_check CHECK (length(messages::text) < 3) NOT VALID`,
  );
  const input = { conversationId: await create(here), turn: says(MARK) };
  await serving({}, (origin) =>
    send(
      `${origin}/graphql`,
      postJson("mutation ($i: AppendTurnInput!) { appendTurn(input: $i) { turn { id } } }", { i: input }),
    ),
  );
  await here.database.rows(sql`ALTER TABLE turns DROP CONSTRAINT broken_check`);
  const failed = collector.spans.filter(({ isError }) => isError);
  expect(failed.map(({ attributes }) => attributes["error.type"])).toEqual(["23514", "500"]);
  expect(collector.received).not.toContain(MARK);
});

test("nothing of what people write is told, nor a key, a user or a URL", async () => {
  const headers = { "x-ms-user-isolation-key": `${MARK} user` };
  await serving({}, async (origin) => {
    const conversationId = await create({ origin }, { metadata: [{ key: MARK, value: MARK }] }, headers);
    await append({ origin }, { conversationId, turn: says(MARK) }, headers);
    for (const [, path, init] of MARKED_REQUESTS) {
      await send(origin + path, { ...init, headers: { ...headers, ...init.headers } });
    }
  });
  expect(collector.spans.length).toBeGreaterThan(MARKED_REQUESTS.length);
  expect(collector.received).not.toContain(MARK);
});

test("the standard sampler settings choose what is traced", async () => {
  await serving({ OTEL_TRACES_SAMPLER: "parentbased_traceidratio", OTEL_TRACES_SAMPLER_ARG: "0" }, async (origin) => {
    await send(`${origin}/openai/v1/conversations`);
    await send(`${origin}/graphql?query={__typename}`, { headers: { traceparent: `00-${TRACE}-${PARENT}-01` } });
  });
  expect(new Set(collector.spans.map(({ traceId }) => traceId))).toEqual(new Set([TRACE]));
  expect(named("GET graphql")).toHaveLength(1);
});

test("a collector that is away costs no request, and the server stops in time", async () => {
  collector.close();
  let status = 0;
  const outcome = await serving({}, async (origin) => {
    status = (await fetch(`${origin}/openai/v1/conversations`)).status;
  });
  expect(status).toBe(200);
  expect(outcome.status).toBe(0);
  for (const line of outcome.stderr.split("\n").filter((text) => text !== "")) {
    expect(JSON.parse(line)).toMatchObject({ msg: "traces could not be sent" });
  }
});
