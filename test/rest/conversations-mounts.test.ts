import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { callApi, createWith, user } from "../harness/conversations-api.ts";
import { getJson } from "../harness/get-list.ts";
import { ask } from "../harness/graphql.ts";
import { startTestServer, type TestServer } from "../harness/server.ts";

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.close());

const PROJECT = "/api/projects/default";
const agentEndpoint = (agent: string) => `${PROJECT}/agents/${agent}/endpoint/protocols/openai/conversations`;

describe("every operation is served at every mount", () => {
  test.each([
    "/openai/v1",
    "/openai",
    `${PROJECT}/openai/v1`,
    `${PROJECT}/openai`,
    `${PROJECT}/agents/helper%3A2/endpoint/protocols/openai`,
  ])("%s", async (mount) => {
    const call = async (method: string, path: string, body?: object) => {
      const init = { method, headers: { "content-type": "application/json" }, body: JSON.stringify(body) };
      // biome-ignore lint/suspicious/noExplicitAny: the shape is what each line asserts
      const answer = await getJson<any>(`${server.origin}${mount}/conversations${path}`, init);
      expect([answer.status, answer.text]).toEqual([200, answer.text]);
      return answer.body;
    };
    const { id } = await call("POST", "", { items: [user("hi")], metadata: { mount } });
    expect(await call("GET", `/${id}`)).toMatchObject({ id, metadata: { mount } });
    expect((await call("GET", "?limit=1")).data[0].id).toBe(id);
    expect(await call("POST", `/${id}`, { metadata: {} })).toMatchObject({ id, metadata: {} });
    const { first_id: item } = await call("POST", `/${id}/items`, { items: [user("again")] });
    expect((await call("GET", `/${id}/items`)).first_id).toBe(item);
    expect((await call("GET", `/${id}/items/${item}`)).id).toBe(item);
    expect((await call("DELETE", `/${id}/items/${item}`)).id).toBe(id);
    expect(await call("DELETE", `/${id}`)).toEqual({ id, object: "conversation.deleted", deleted: true });
    const head = await fetch(`${server.origin}${mount}/conversations`, { method: "HEAD" });
    expect([head.status, await head.text()]).toEqual([200, ""]);
  });
});

describe("on the endpoint of an agent", () => {
  let plain: string;
  let other: string;
  let second: string;
  let any: string;
  beforeAll(async () => {
    plain = await createWith(server, [{ ...user("plain"), id: "msg_plain" }]);
    const create = async (agent: string) =>
      (
        await callApi(server, "POST", agentEndpoint(agent), {
          items: [{ ...user("x"), id: `msg_${agent.replace(":", "_")}` }],
        })
      ).body.id;
    other = await create("other:2");
    second = await create("helper:2");
    any = await create("helper");
  });

  test("a conversation belongs to that agent, whatever its items say", async () => {
    const query = "query ($id: ID!) { conversation(id: $id) { agent { agentId } } }";
    const agents = await Promise.all(
      [plain, other, second, any].map(async (id) => (await ask(server, query, { id })).conversation.agent),
    );
    expect(agents).toEqual([null, { agentId: "other:2" }, { agentId: "helper:2" }, { agentId: "helper" }]);
  });

  test("the list is that agent's, with its parameters and cursors", async () => {
    const list = async (agent: string, query = "") => {
      const { status, body } = await callApi(server, "GET", `${agentEndpoint(agent)}?${query}`);
      return status === 200 ? body.data.map(({ id }: { id: string }) => id) : [status, body.error.param];
    };
    expect(await list("helper")).toEqual([any, second]);
    expect(await list("helper:2")).toEqual([second]);
    expect(await list("helper", "agent_id=helper:2")).toEqual([second]);
    expect(await list("helper:2", "agent_id=helper")).toEqual([second]);
    expect(await list("helper:2", "agent_id=helper:1")).toEqual([]);
    expect(await list("helper", "agent_name=other")).toEqual([]);
    expect(await list("helper", `after=${any}`)).toEqual([second]);
    expect(await list("helper", `after=${other}`)).toEqual([404, "after"]);
    expect(await list("helper:2", `before=${any}`)).toEqual([404, "before"]);
  });

  test("another agent's conversation is unknown, to every operation", async () => {
    for (const id of [plain, other, any]) {
      const path = `${agentEndpoint("helper:2")}/${id}`;
      const answers = await Promise.all([
        callApi(server, "GET", path),
        callApi(server, "POST", path, { metadata: {} }),
        callApi(server, "DELETE", path),
        callApi(server, "GET", `${path}/items`),
        callApi(server, "POST", `${path}/items`, { items: [user("x")] }),
        callApi(server, "GET", `${path}/items/msg_plain`),
        callApi(server, "DELETE", `${path}/items/msg_plain`),
      ]);
      const message = `Conversation with id '${id}' not found.`;
      for (const { status, body } of answers) expect([status, body.error.message]).toEqual([404, message]);
    }
    for (const id of [plain, other, any])
      expect((await callApi(server, "GET", `/${id}/items`)).body.data).toHaveLength(1);
  });

  test("so are its items, to references", async () => {
    const path = `${agentEndpoint("helper:2")}/${second}/items`;
    for (const id of ["msg_plain", "msg_other_2", "msg_helper"]) {
      expect((await callApi(server, "POST", path, { items: [{ type: "item_reference", id }] })).status).toBe(404);
    }
    expect(
      (await callApi(server, "POST", `/${second}/items`, { items: [{ type: "item_reference", id: "msg_plain" }] }))
        .status,
    ).toBe(200);
  });
});
