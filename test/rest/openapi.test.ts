import { sql } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

import manifest from "../../package.json" with { type: "json" };
import { loadSamples } from "../../src/commands/samples.ts";
import { createKey } from "../../src/store/keys/keys.ts";
import { conversation, store, turn } from "../harness/conversations.ts";
import { rawGet } from "../harness/raw-request.ts";
import { startTestServer, type TestServer } from "../harness/server.ts";
import { type Checker, loadDocument } from "./openapi-document.ts";

const FOUNDRY = [
  "/openai/v1/conversations",
  "/openai/conversations",
  "/api/projects/{project}/openai/v1/conversations",
  "/api/projects/{project}/openai/conversations",
];
const FIXIE = "/api/v1/agents/{agentId}/conversations";
const CONVERSATION = `${FIXIE}/{conversationId}`;
const LISTS = [...FOUNDRY, FIXIE];
const PATHS = [...LISTS, CONVERSATION];

let server: TestServer;
let checker: Checker;
beforeAll(async () => {
  server = await startTestServer();
  await loadSamples(server.database);
  const messages = [
    { kind: "text" as const, content: "", state: "in-progress" as const, metadata: { a: [null, { b: 1.5 }] } },
    { kind: "functionCall" as const, name: "f", args: { deep: { 12345678901234567890: [[]] } }, metadata: {} },
    { kind: "functionResponse" as const, name: "f", response: "10.5", failed: true },
  ];
  await store(server.database, [
    conversation("made_up", {
      agent: { name: "every form", version: null },
      turns: [
        turn("asked", { text: "" }),
        turn("failed", { role: "assistant", state: "error", errorDetail: "", inReplyToId: "asked", messages }),
        turn("stopped", { role: "assistant", state: "stopped", messages: [] }),
        turn("going on", { role: "assistant", state: "in-progress", messages }),
      ],
    }),
  ]);
  checker = await loadDocument(server.origin);
});
afterAll(() => server.close());

/** The URL of a documented path, with its parts filled in. */
function urlOf({ origin }: TestServer, path: string, query = "", agentId = "every%20form"): string {
  const filled = path.replace("{project}", "default").replace("{agentId}", agentId);
  return `${origin}${filled.replace("{conversationId}", "made_up")}?${query}`;
}

/** The answer's status, after the answer was held against the document. */
async function checked(from: TestServer, path: string, query = "", lines: string[] = [], agentId?: string) {
  const answer = await rawGet(urlOf(from, path, query, agentId), lines);
  expect([path, query, answer.status, checker.faultOf(path, answer)]).toEqual([path, query, answer.status, null]);
  return answer;
}

test("the document tells its version, and has every path and no other", () => {
  const { openapi, info, paths } = checker.document;
  expect([openapi, info.version]).toEqual(["3.1.1", manifest.version]);
  const bases = [...FOUNDRY, `${"/api/projects/{project}/agents/{agent}/endpoint/protocols/openai"}/conversations`];
  const api = ["", "/{conversation}", "/{conversation}/items", "/{conversation}/items/{item}"];
  const documented = [...bases.flatMap((base) => api.map((path) => base + path)), FIXIE, CONVERSATION];
  expect(Object.keys(paths).sort()).toEqual(documented.sort());
  const ids = Object.values(paths).flatMap((operations) =>
    Object.values(operations).map(({ operationId }) => operationId),
  );
  expect(ids).toHaveLength(5 * 9 + 2);
  expect(new Set(ids).size).toBe(ids.length);
});

describe("answers of the running server are what the document says", () => {
  test.each(LISTS)("200, pages of all forms: %s", async (path) => {
    for (const query of ["", "limit=1", "limit=1&api-version=x"]) {
      expect((await checked(server, path, query)).status).toBe(200);
    }
  });

  test("200, with every sample conversation, and with none", async () => {
    for (const agentId of ["support-agent", "support-agent:2", "weather", "nobody"]) {
      expect((await checked(server, FIXIE, "", [], agentId)).status).toBe(200);
    }
    for (const query of ["limit=100&order=asc", "agent_name=nobody", "after=made_up&order=asc"]) {
      expect((await checked(server, "/openai/v1/conversations", query)).status).toBe(200);
    }
  });

  test("200 and 404, a conversation of all forms", async () => {
    expect((await checked(server, CONVERSATION)).status).toBe(200);
    expect((await checked(server, CONVERSATION, "", [], "nobody")).status).toBe(404);
    expect((await checked(server, CONVERSATION, "", ["x-consistency-token: new"])).status).toBe(400);
    expect((await checked(server, CONVERSATION, "", ["host: conversations.example.com"])).status).toBe(403);
  });

  test.each(LISTS)("400 and 403: %s", async (path) => {
    for (const query of ["limit=0", "limit=x", "limit=1&limit=1"]) {
      expect((await checked(server, path, query)).status).toBe(400);
    }
    expect((await checked(server, path, "", ["x-ms-user-isolation-key: "])).status).toBe(400);
    expect((await checked(server, path, "", ["x-consistency-token: new"])).status).toBe(400);
    expect((await checked(server, path, "", ["host: conversations.example.com"])).status).toBe(403);
  });

  test.each(FOUNDRY)("404: %s", async (path) => {
    for (const query of ["after=nothing", "before=nothing"]) {
      expect((await checked(server, path, query)).status).toBe(404);
    }
  });

  test("401, and 404 for a project that the key does not open", async () => {
    const closed = await startTestServer();
    try {
      const key = await createKey(closed.database, "shop", "user", null);
      // It takes effect within a second: a client of another test that calls this port again may have had the keys read before.
      await expect.poll(async () => (await checked(closed, PATHS[0] ?? "")).status, { timeout: 2000 }).toBe(401);
      for (const path of PATHS) {
        expect((await checked(closed, path)).status).toBe(401);
        expect((await checked(closed, path, "", [`api-key: ${key}`])).status).toBe(400);
      }
      const lines = [`authorization: Bearer ${key}`, "x-ms-user-isolation-key: ann"];
      const statuses = await Promise.all(LISTS.map(async (path) => (await checked(closed, path, "", lines)).status));
      expect(statuses).toEqual([200, 200, 404, 404, 200]);
    } finally {
      await closed.close();
    }
  });

  test("500, 503 and 504", async () => {
    const failing = await startTestServer({ STATEMENT_TIMEOUT_MS: "300", LOCK_TIMEOUT_MS: "60000" });
    const statuses = () => Promise.all(PATHS.map(async (path) => (await checked(failing, path)).status));
    try {
      await failing.database.transaction(async (transaction) => {
        await transaction.rows(sql`LOCK TABLE conversations IN ACCESS EXCLUSIVE MODE`);
        expect(new Set(await statuses())).toEqual(new Set([504]));
      });
      await failing.database.rows(sql`ALTER TABLE conversations RENAME COLUMN created_at TO hidden`);
      expect(new Set(await statuses())).toEqual(new Set([500]));
      await failing.database.rows(sql`DROP TABLE conversations CASCADE`);
      expect(new Set(await statuses())).toEqual(new Set([503]));
    } finally {
      await failing.close();
    }
  });

  test("and what is not so is found", () => {
    const headers = { "x-request-id": "req_1", "content-type": "application/json; charset=utf-8" };
    const page = { data: [{ id: "a", object: "conversation", created_at: 1, metadata: {} }], has_more: false };
    const fault = (body: object, more: object = {}, status = 200) =>
      checker.faultOf("/openai/v1/conversations", {
        status,
        headers: { ...headers, ...more },
        text: JSON.stringify(body),
      });
    expect(fault(page)).toBeNull();
    expect(fault({ ...page, has_more: "no" })).toContain("/has_more must be boolean");
    expect(fault({ ...page, total: 1 })).toContain("must NOT have additional properties");
    expect(fault({ ...page, data: [{ ...page.data[0], created_at: 1.5 }] })).toContain("/created_at must be integer");
    expect(fault({ error: { message: "", type: "server_error", param: null } }, {}, 500)).toContain("'code'");
    expect(fault(page, { "content-type": "text/html" })).toBe("the type text/html is not documented");
    expect(fault(page, {}, 201)).toBe("status 201 is not documented");
    expect(fault({ error: {} }, {}, 401)).toBe("the header www-authenticate is missing");
  });
});

describe("the document allows what the server takes, and nothing else", () => {
  const path = "/openai/v1/conversations";
  test.each([
    [path, "limit", [1, 20, 100, 0, 101, -1, 1.5, "x", ""]],
    [path, "order", ["asc", "desc", "ASC", "", 1]],
    [path, "agent_name", ["a", "", "a:1", "größe 🙂"]],
    [path, "agent_id", ["a", "", "a:1"]],
    [FIXIE, "limit", [1, 100, 0, 101, 1.5, "x"]],
    [FIXIE, "offset", [0, 7, 2147483647, 2147483648, -1, "x"]],
  ])("%s: %s", async (list, name, values) => {
    const taken = values.map(async (value) => {
      const query = new URLSearchParams({ [name]: String(value) });
      return [value, (await checked(server, list, String(query))).status === 200];
    });
    expect(await Promise.all(taken)).toEqual(values.map((value) => [value, checker.allows(list, name, value)]));
  });

  test("and what it calls the default is what a request without it gets", async () => {
    const { requestedPageSize, requestedOffset } = JSON.parse((await checked(server, FIXIE)).text).pageInfo;
    const defaults = checker.operation(FIXIE).parameters.flatMap((one) => ("schema" in one ? [one.schema] : []));
    expect(defaults).toMatchObject([{}, { default: requestedPageSize }, { default: requestedOffset }]);
    const [bare, explicit] = await Promise.all(
      ["", "limit=20&order=desc"].map((query) => checked(server, path, query)),
    );
    expect(bare?.text).toBe(explicit?.text);
    expect(checker.operation(path).parameters).toMatchObject([
      { name: "limit", schema: { default: 20 } },
      { name: "order", schema: { default: "desc" } },
      { name: "after" },
      { name: "before" },
      { name: "agent_name" },
      { name: "agent_id" },
      {},
      {},
      {},
    ]);
  });
});
