import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { conversation, store, turn } from "../harness/conversations.ts";
import { getFixie, getJson, type Problem } from "../harness/get-list.ts";
import { startTestServer, type TestServer } from "../harness/server.ts";
import { append, says, update } from "../harness/writes.ts";

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
  await store(server.database, [
    conversation("c/1", {
      agent: { name: "shop", version: "2" },
      turns: [
        turn("q", { text: "?" }),
        turn("a", { role: "assistant", state: "in-progress", text: "so far", inReplyToId: "q" }),
      ],
    }),
    conversation("long", {
      agent: { name: "shop", version: null },
      turns: Array.from({ length: 250 }, (_, index) => turn(`t${index}`, { text: "x".repeat(3000) })),
    }),
    conversation("none", { turns: [turn("n", { text: "?" })] }),
    conversation("empty", { agent: { name: "shop", version: "1:1" } }),
  ]);
});
afterAll(() => server.close());

const url = (from: TestServer, agentId: string, id: string) =>
  `${from.origin}/api/v1/agents/${encodeURIComponent(agentId)}/conversations/${encodeURIComponent(id)}`;

const get = (agentId: string, id: string, init: RequestInit = {}) => fetch(url(server, agentId, id), init);

describe.each([{}, { COMPILE_DOCUMENTS: "0" }, { MAX_PAGE_BYTES: "4000" }])("with %j", (env) => {
  test("each conversation is the list's object, to the byte", async () => {
    const own = await startTestServer(env, server.url);
    try {
      const { text, body } = await getFixie(own, "shop");
      const objects = await Promise.all(
        body.conversations.map(async ({ id }) => {
          const answer = await fetch(url(own, "shop", id));
          expect([answer.status, answer.headers.get("content-type")]).toEqual([200, "application/json; charset=utf-8"]);
          return answer.text();
        }),
      );
      expect(objects).toHaveLength(3);
      expect(text.startsWith(`{"conversations":[${objects.join()}],"pageInfo":`)).toBe(true);
      expect((await fetch(url(own, "shop:2", "c/1"))).status).toBe(200);
      expect((await fetch(url(own, "shop:1:1", "empty"))).status).toBe(200);
    } finally {
      await own.close();
    }
  });
});

test("it is byte-equal, with the same tag, until a turn changes", async () => {
  const read = async () => {
    const answer = await get("shop", "c/1");
    return { tag: answer.headers.get("etag") ?? "", text: await answer.text() };
  };
  const known = await read();
  expect(await read()).toEqual(known);
  for (const ifNoneMatch of [known.tag, `"other", ${known.tag}`, known.tag.replace("W/", ""), "*"]) {
    const answer = await get("shop", "c/1", { headers: { "if-none-match": ifNoneMatch } });
    expect([answer.status, answer.headers.get("etag"), await answer.text()]).toEqual([304, known.tag, ""]);
  }
  const tags = new Set([known.tag]);
  for (const change of [
    () => update(server, { id: "a", appendText: " more" }),
    () => update(server, { id: "a", state: "DONE" }),
    () => append(server, { conversationId: "c/1", turn: says("and?") }),
  ]) {
    await change();
    const answer = await get("shop", "c/1", { headers: { "if-none-match": [...tags].join() } });
    expect(answer.status).toBe(200);
    tags.add(answer.headers.get("etag") ?? "");
  }
  expect(tags.size).toBe(4);
});

test("HEAD is answered without the body, other methods are not allowed, and a page may ask beforehand", async () => {
  const head = await get("shop", "long", { method: "HEAD" });
  const { headers } = await get("shop", "long");
  expect([head.status, head.headers.get("etag"), await head.text()]).toEqual([200, headers.get("etag"), ""]);
  const tag = { "if-none-match": headers.get("etag") ?? "" };
  expect((await get("shop", "long", { method: "HEAD", headers: tag })).status).toBe(304);
  const posted = await get("shop", "long", { method: "POST" });
  expect([posted.status, posted.headers.get("allow")]).toEqual([405, "GET, HEAD"]);
  expect(posted.headers.get("content-type")).toContain("application/problem+json");
});

test.each([
  ["shop", "unknown"],
  ["shop", "q"],
  ["other", "c/1"],
  ["shop:1", "c/1"],
  ["shop:2", "long"],
  ["shop", "none"],
  ["shop", "x".repeat(200)],
])("%s has no conversation %s", async (agentId, id) => {
  const { status, headers, body } = await getJson<Problem>(url(server, agentId, id));
  expect([status, headers.get("content-type")]).toEqual([404, "application/problem+json; charset=utf-8"]);
  expect(body).toEqual({
    type: "about:blank",
    title: "Not Found",
    status: 404,
    detail: "There is no conversation with this id.",
    param: "conversationId",
  });
});

test("a text that cannot be stored is refused, and the parameter named", async () => {
  const broken = await getJson<Problem>(`${server.origin}/api/v1/agents/shop/conversations/a%00b`);
  expect([broken.status, broken.body.param]).toEqual([400, "conversationId"]);
});
