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
import { startTestServer, type TestServer } from "../harness/server.ts";
import { append, create, readTurns, says, words } from "../harness/writes.ts";

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.close());

const SYSTEM = { role: "system", content: "be brief" };

async function idsOf(id: string): Promise<string[]> {
  const { body } = await callApi(server, "GET", `/${id}/items?order=asc&limit=100`);
  return body.data.map((item: { id: string }) => item.id);
}

async function remove(id: string, item = "") {
  const { status, body, text } = await callApi(server, "DELETE", `/${id}/items/${item}`);
  expect([status, text]).toEqual([200, expect.stringContaining('"object":"conversation"')]);
  return body;
}

/** What each turn says, and its revision. */
async function said(id: string) {
  const turns = await readTurns(server, id);
  return turns.map(({ position, messages }) => [position, messages.map((one: object) => Object.values(one)[1])]);
}

test("takes its fragment away, and the turn again is made of what is left", async () => {
  const id = await createWith(server, [user("a"), functionCall("c", "f"), functionOutput("c", "r"), assistant("z")]);
  const [, call, output] = await idsOf(id);
  expect(await said(id)).toEqual([
    [1, ["a"]],
    [2, ["f", "f", "z"]],
  ]);
  const [before] = (await readTurns(server, id)).slice(-1);
  expect((await remove(id, output)).id).toBe(id);
  expect(await said(id)).toEqual([
    [1, ["a"]],
    [2, ["f", "z"]],
  ]);
  const [after] = (await readTurns(server, id)).slice(-1);
  expect(after.revision).toBeGreaterThan(before.revision);
  await remove(id, call);
  await addItems(server, id, [assistant("more")]);
  expect(await said(id)).toEqual([
    [1, ["a"]],
    [2, ["z", "more"]],
  ]);
});

describe("a last turn that is left without items goes, one in the middle stays empty", () => {
  test("popped one by one until nothing is left, and begun again", async () => {
    const id = await createWith(server, [SYSTEM, user("a"), assistant("b"), SYSTEM, user("c")]);
    const counts: number[] = [];
    for (const item of (await idsOf(id)).reverse()) {
      await remove(id, item);
      counts.push((await readTurns(server, id)).length);
    }
    expect(counts).toEqual([2, 2, 1, 0, 0]);
    await addItems(server, id, [user("d"), assistant("e")]);
    expect(await said(id)).toEqual([
      [1, ["d"]],
      [2, ["e"]],
    ]);
  });

  test("an instruction that stood with the turn stays, behind the turn before", async () => {
    const id = await createWith(server, [user("a"), SYSTEM, assistant("b"), SYSTEM]);
    const [first, instruction, answer, last] = await idsOf(id);
    await remove(id, answer);
    expect(await idsOf(id)).toEqual([first, instruction, last]);
    expect(await said(id)).toEqual([[1, ["a"]]]);
    await addItems(server, id, [assistant("c")]);
    expect((await idsOf(id)).slice(0, 3)).toEqual([first, instruction, last]);
  });

  test("in the middle", async () => {
    const id = await createWith(server, [user("a"), assistant("b"), user("c")]);
    const [first, answer, last] = await idsOf(id);
    await remove(id, answer);
    expect(await said(id)).toEqual([
      [1, ["a"]],
      [2, []],
      [3, ["c"]],
    ]);
    expect(await idsOf(id)).toEqual([first, last]);
    await remove(id, last);
    expect(await said(id)).toEqual([[1, ["a"]]]);
  });
});

test("of a turn that was written otherwise too; the others keep their ids", async () => {
  const id = await create(server, { turns: [says("a")] });
  const turn = { role: "ASSISTANT", messages: [words("b"), words("c"), words("d")] };
  await append(server, { conversationId: id, turn });
  await addItems(server, id, [SYSTEM]);
  const [first, b, c, d, instruction] = await idsOf(id);
  await remove(id, b);
  expect(await idsOf(id)).toEqual([first, c, d, instruction]);
  expect(await said(id)).toEqual([
    [1, ["a"]],
    [2, ["c", "d"]],
  ]);
  await remove(id, c);
  await remove(id, d);
  await remove(id, first);
  expect([await idsOf(id), await said(id)]).toEqual([[instruction], []]);
});

test("of a turn in progress is refused: it is still being written", async () => {
  const id = await create(server);
  await append(server, {
    conversationId: id,
    turn: { role: "ASSISTANT", state: "IN_PROGRESS", messages: [words("b", "IN_PROGRESS")] },
  });
  const [item] = (await callApi(server, "GET", `/${id}/items`)).body.data;
  expect(item.status).toBe("in_progress");
  expect((await callApi(server, "DELETE", `/${id}/items/${item.id}`)).status).toBe(409);
});
