import { afterAll, beforeAll, describe, expect, test } from "vitest";

import {
  addItems,
  assistant,
  callApi,
  createWith,
  functionCall,
  functionOutput,
  user,
} from "../harness/conversations-api.ts";
import { ask } from "../harness/graphql.ts";
import { startTestServer, type TestServer } from "../harness/server.ts";
import { append, create, readTurns, says } from "../harness/writes.ts";

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.close());

describe("a conversation", () => {
  test.each([undefined, {}, { metadata: null, items: null }, { items: [] }])("is created from %j", async (body) => {
    const created = await callApi(server, "POST", "", body);
    expect(created.status).toBe(200);
    expect(created.body).toEqual({
      id: expect.stringMatching(/^conv_[0-9a-f]{32}$/),
      object: "conversation",
      created_at: expect.any(Number),
      metadata: {},
    });
    const read = await callApi(server, "GET", `/${created.body.id}`);
    expect([read.status, read.text]).toEqual([200, created.text]);
  });

  test("keeps its metadata in their order, has them replaced, and is deleted once", async () => {
    const metadata = '{"title":"Größe 🙂","10":"b","2":"","__proto__":"kept"}';
    const { body, text } = await callApi(server, "POST", "", `{"metadata":${metadata}}`);
    expect(text).toContain(`"metadata":${metadata}`);
    const path = `/${body.id}`;
    const updated = await callApi(server, "POST", path, { metadata: { a: "b" } });
    expect([updated.status, updated.body]).toEqual([200, { ...body, metadata: { a: "b" } }]);
    expect((await callApi(server, "POST", path, { metadata: {} })).body.metadata).toEqual({});
    const deleted = await callApi(server, "DELETE", path);
    expect([deleted.status, deleted.body]).toEqual([
      200,
      { id: body.id, object: "conversation.deleted", deleted: true },
    ]);
    const message = `Conversation with id '${body.id}' not found.`;
    for (const method of ["GET", "DELETE"] as const) {
      const gone = await callApi(server, method, path);
      expect([gone.status, gone.body.error]).toEqual([
        404,
        { message, type: "invalid_request_error", param: null, code: null },
      ]);
    }
  });
});

describe("items", () => {
  test("come back byte for byte, with the documented additions and nothing else", async () => {
    const items = [
      '{"role":"user","content":"h\\u0069 🙂"}',
      '{ "type": "message", "id": "mine-1", "role": "assistant", "content": [ {"type":"output_text","text":"x","annotations":[ ]} ], "z":1.50, "9":12345678901234567890 }',
      '{"type":"next_month","data":{"b":1,"a":[1e400,-0]}}',
      '{"type":"reasoning","summary":[],"encrypted_content":"x"}',
    ];
    const { body, text, status } = await callApi(server, "POST", "", `{"items":[${items.join(" ,")}]}`);
    expect([status, text]).toEqual([200, expect.any(String)]);
    const list = await callApi(server, "GET", `/${body.id}/items?order=asc`);
    const [first, second, third, fourth] = list.body.data;
    expect(first).toEqual({
      id: expect.stringMatching(/^msg_[0-9a-f]+$/),
      type: "message",
      role: "user",
      status: "completed",
      content: [{ type: "input_text", text: "hi 🙂" }],
    });
    expect(list.text).toContain(items[1]?.slice(1));
    expect(second).toMatchObject({ id: "mine-1", status: "completed" });
    expect(list.text).toContain(items[2]?.slice(1));
    expect(Object.keys(third)).toEqual(["id", "type", "data"]);
    expect(third.id).toMatch(/^item_/);
    expect([Object.keys(fourth), fourth.id]).toEqual([
      ["id", "type", "summary", "encrypted_content"],
      expect.stringMatching(/^rs_/),
    ]);
    for (const [index, item] of list.body.data.entries()) {
      const one = await callApi(server, "GET", `/${body.id}/items/${item.id}`);
      expect([one.status, one.text]).toEqual([200, expect.stringContaining(items[index]?.slice(-12, -1) ?? "")]);
      expect(list.text).toContain(one.text);
    }
  });

  test("appended by several calls answer in the list's envelope, and join the assistant's turn", async () => {
    const id = await createWith(server, [user("weather?")]);
    const call = await callApi(server, "POST", `/${id}/items`, { items: [functionCall("c1", "get", '{"x":1.50}')] });
    const [item] = call.body.data;
    expect(call.body).toEqual({ object: "list", data: [item], first_id: item.id, last_id: item.id, has_more: false });
    await addItems(server, id, [functionOutput("c1", "rain"), { type: "reasoning", summary: [] }]);
    await addItems(server, id, [{ role: "system", content: "be brief" }, assistant("It rains.")]);
    const turns = await readTurns(server, id);
    expect(turns).toMatchObject([
      { position: 1, role: "USER", state: "DONE", messages: [{ content: "weather?" }] },
      {
        position: 2,
        role: "ASSISTANT",
        state: "DONE",
        inReplyTo: { id: turns[0].id },
        messages: [
          { name: "get", args: { x: 1.5 }, metadata: { callId: "c1" } },
          { name: "get", response: "rain", failed: false },
          { content: "It rains." },
        ],
      },
    ]);
    await addItems(server, id, [user("and tomorrow?"), assistant("Sun.")]);
    expect((await readTurns(server, id)).map(({ position, role }) => [position, role])).toEqual([
      [1, "USER"],
      [2, "ASSISTANT"],
      [3, "USER"],
      [4, "ASSISTANT"],
    ]);
    const { body } = await callApi(server, "GET", `/${id}/items?order=asc`);
    const types = body.data.map(({ type, role }: { type: string; role?: string }) => role ?? type);
    expect(types).toEqual([
      "user",
      "function_call",
      "function_call_output",
      "reasoning",
      "system",
      "assistant",
      "user",
      "assistant",
    ]);
  });

  test("of turns that GraphQL wrote are read, found by id and paged by it", async () => {
    const id = await create(server, { turns: [says("one")] });
    const messages = [{ text: { content: "two" } }, { functionCall: { name: "f", args: { a: 1 } } }];
    await append(server, { conversationId: id, turn: { role: "ASSISTANT", messages } });
    await addItems(server, id, [assistant("three")]);
    const { body } = await callApi(server, "GET", `/${id}/items?order=asc`);
    expect(body.data).toMatchObject([
      { type: "message", role: "user", status: "completed", content: [{ type: "input_text", text: "one" }] },
      { type: "message", role: "assistant", content: [{ type: "output_text", text: "two" }] },
      { type: "function_call", name: "f", arguments: '{"a":1}', call_id: expect.any(String) },
      { type: "message", role: "assistant", content: [{ text: "three" }] },
    ]);
    expect((await readTurns(server, id)).length).toBe(3);
    for (const [index, item] of body.data.entries()) {
      expect((await callApi(server, "GET", `/${id}/items/${item.id}`)).body).toEqual(item);
      const rest = await callApi(server, "GET", `/${id}/items?order=asc&after=${item.id}`);
      expect(rest.body.data).toEqual(body.data.slice(index + 1));
    }
  });

  test("that references name are copied, from this conversation under another id", async () => {
    const [there] = (await callApi(server, "GET", `/${await createWith(server, [user("from there")])}/items`)).body
      .data;
    const id = await createWith(server, [{ type: "item_reference", id: there.id }]);
    expect((await callApi(server, "GET", `/${id}/items`)).body.data).toEqual([there]);
    const [copy] = await addItems(server, id, [{ type: "item_reference", id: there.id }]);
    expect(copy).toEqual({ ...there, id: expect.stringMatching(/^msg_/) });
    expect(copy.id).not.toBe(there.id);
    const unknown = await callApi(server, "POST", `/${id}/items`, {
      items: [{ type: "item_reference", id: "msg_none" }],
    });
    expect([unknown.status, unknown.body.error.message]).toEqual([
      404,
      "Item with id 'msg_none' not found in conversation.",
    ]);
  });

  test("name the agent of a conversation that has none", async () => {
    const id = await createWith(server, [user("hi")]);
    const agent = async () =>
      (await ask(server, "query ($id: ID!) { conversation(id: $id) { agent { agentId } } }", { id })).conversation
        .agent;
    expect(await agent()).toBeNull();
    const by = (name: string) => ({
      ...assistant("yo"),
      created_by: { agent: { type: "agent_id", name, version: "2" } },
    });
    await addItems(server, id, [assistant("x"), by("helper")]);
    expect(await agent()).toEqual({ agentId: "helper:2" });
    await addItems(server, id, [by("other")]);
    expect(await agent()).toEqual({ agentId: "helper:2" });
  });
});
