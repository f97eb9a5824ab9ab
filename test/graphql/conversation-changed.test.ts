import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";

import { ask } from "../harness/graphql.ts";
import { startTestServer, type TestServer } from "../harness/server.ts";
import { startTwin, type Twin } from "../harness/twin.ts";
import { watch } from "../harness/watch.ts";
import { append, create, says, update, words } from "../harness/writes.ts";

let server: TestServer;
let twin: Twin;
beforeAll(async () => {
  server = await startTestServer();
  twin = await startTwin(server);
});
afterAll(async () => {
  await twin.close();
  await server.close();
});

const WATCH = `subscription ($filter: ConversationFilter, $after: String) {
  conversationChanged(filter: $filter, after: $after) {
    cursor left deletedConversationId
    conversationEdge { cursor node { id metadata turns { totalCount } } }
    turnEdge { cursor node { position messages { ... on TextFragment { content } } } }
  }
}`;
const DESCRIBE =
  "mutation ($id: ID!, $metadata: [MetadataEntryInput!]) { updateConversation(input: { id: $id, metadata: $metadata }) { conversation { id } } }";
const DELETE = "mutation ($id: ID!) { deleteConversation(input: { id: $id }) { deletedConversationId } }";

let users = 0;
/** A user of this test alone. */
const newUser = () => {
  users += 1;
  return { "x-ms-user-isolation-key": `user ${users}` };
};

interface Event {
  cursor: string;
  /** What happened, in short. */
  what: string;
}

/** Watches as the user, from now on or after the cursor. */
async function watchList(headers: Record<string, string>, variables: object = {}, at: { origin: string } = server) {
  const watching = await watch(at, { ...variables }, headers, WATCH);
  onTestFinished(watching.leave);
  const next = async (): Promise<Event> => {
    const event = await watching.next();
    if (event?.data == null) throw new Error(`Not a change: ${JSON.stringify(event)}`);
    const { cursor, left, deletedConversationId, conversationEdge, turnEdge } = event.data.conversationChanged;
    const text = turnEdge?.node.messages.map(({ content }: { content: string }) => content).join();
    const said = turnEdge === null ? "" : ` ${turnEdge.node.position} "${text}"`;
    const id = conversationEdge?.node.id ?? deletedConversationId;
    const how = deletedConversationId !== null ? "deleted" : left ? "left" : "changed";
    return { cursor, what: `${how} ${id}${said}` };
  };
  return { ...watching, next, what: async () => (await next()).what };
}

test("conversations come, change and go, through whichever server it is written, with the turn that changed", async () => {
  const user = newUser();
  const here = await watchList(user);
  const there = await watchList(user, {}, twin);
  const both = () => Promise.all([here.what(), there.what()]);
  const id = await create(server, { turns: [says("one")] }, user);
  expect(await both()).toEqual(Array(2).fill(`changed ${id} 1 "one"`));
  const answer = { role: "ASSISTANT", state: "IN_PROGRESS", messages: [words("wo", "IN_PROGRESS")] };
  const turn = await append(twin, { conversationId: id, turn: answer }, user);
  expect(await both()).toEqual(Array(2).fill(`changed ${id} 2 "wo"`));
  for (const appendText of ["r", "ds"]) {
    await update(server, { id: turn.id, appendText }, user);
    await both();
  }
  await ask(server, DESCRIBE, { id, metadata: [{ key: "title", value: "Words" }] }, user);
  expect(await both()).toEqual(Array(2).fill(`changed ${id}`));
  await ask(twin, DELETE, { id }, user);
  expect(await both()).toEqual(Array(2).fill(`deleted ${id}`));
});

test("a user hears of the user's conversations, and a caller of the whole project of all", async () => {
  const [ann, bob] = [newUser(), newUser()];
  const watching = [await watchList(ann), await watchList(bob), await watchList({})];
  const ofAnn = await create(server, {}, ann);
  await expect(watching[2]?.what()).resolves.toBe(`changed ${ofAnn}`);
  const ofBob = await create(server, {}, bob);
  expect(await Promise.all(watching.map((one) => one.what()))).toEqual(
    [ofAnn, ofBob, ofBob].map((id) => `changed ${id}`),
  );
});

test("a conversation that no longer meets the filter leaves once, and comes when it does again", async () => {
  const user = newUser();
  const open = { filter: { metadata: [{ key: "open", value: "yes" }] } };
  const never = { filter: { agentName: "nobody", ...open.filter } };
  const [watching, others, spoken] = [
    await watchList(user, open),
    await watchList(user, never),
    await watchList(user, { filter: { search: "word", turnState: "DONE" } }),
  ];
  const id = await create(server, { metadata: [{ key: "open", value: "yes" }], turns: [says("no such")] }, user);
  expect([await watching.what(), await spoken.what()]).toEqual([`changed ${id} 1 "no such"`, `left ${id} 1 "no such"`]);
  const last = async (value: string) => {
    await ask(server, DESCRIBE, { id, metadata: [{ key: "open", value }] }, user);
    return watching.what();
  };
  expect(await last("no")).toBe(`left ${id}`);
  await append(server, { conversationId: id, turn: says("a word") }, user);
  expect(await spoken.what()).toBe(`changed ${id} 2 "a word"`);
  expect(await last("yes")).toBe(`changed ${id}`);
  await ask(server, DELETE, { id }, user);
  expect([await watching.what(), await others.what()]).toEqual([`deleted ${id}`, `deleted ${id}`]);
});

test("after a cursor comes what changed since, each once, in its last state, and what was deleted", async () => {
  const user = newUser();
  const [same, changed, gone] = [
    await create(server, {}, user),
    await create(server, {}, user),
    await create(server, {}, user),
  ];
  const first = await watchList(user);
  await append(server, { conversationId: same, turn: says("seen") }, user);
  const { cursor } = await first.next();
  first.leave();
  for (const text of ["two", "three"]) await append(server, { conversationId: changed, turn: says(text) }, user);
  await ask(server, DELETE, { id: gone }, user);
  const made = await create(server, {}, user);
  const expected = [`changed ${changed} 2 "three"`, `deleted ${gone}`, `changed ${made}`];
  for (const at of [server, twin]) {
    const again = await watchList(user, { after: cursor }, at);
    const events = [await again.next(), await again.next(), await again.next()];
    expect(events.map(({ what }) => what)).toEqual(expected);
    // From each of them on the rest comes, and then what is new.
    const rest = await watchList(user, { after: events[1]?.cursor }, at);
    expect(await rest.what()).toBe(expected[2]);
    const later = await watchList({ ...user, "last-event-id": String(events[2]?.cursor) }, { after: cursor }, at);
    await append(server, { conversationId: made, turn: says(at.origin) }, user);
    const told = `changed ${made} ${at === server ? 1 : 2} "${at.origin}"`;
    expect([await later.what(), await rest.what(), await again.what()]).toEqual([told, told, told]);
    expected.splice(2, 1, told);
  }
});

test("a burst comes together, and its last state always", async () => {
  const user = newUser();
  const conversationId = await create(server, {}, user);
  const watching = await watchList(user);
  for (let turn = 1; turn <= 20; turn += 1) await append(server, { conversationId, turn: says(`${turn}`) }, user);
  const events = [];
  do events.push(await watching.what());
  while (events.at(-1) !== `changed ${conversationId} 20 "20"`);
  expect(events.length).toBeLessThan(20);
});

test("a change is read once, however many watch", async () => {
  const conversationId = await create(server);
  const watching = [await watchList({}), await watchList({}, { filter: { agentName: "nobody" } })];
  /** The statements of an append until it is heard; the fewest of three times, as the server has work of its own. */
  const fewest = async () => {
    const counts = [];
    for (let time = 0; time < 3; time += 1) {
      const heard = server.countStatements(async () => {
        await append(server, { conversationId, turn: says("x") });
        await Promise.all(watching.filter((_one, index) => index !== 1).map((one) => one.next()));
      });
      counts.push(await heard);
    }
    return Math.min(...counts);
  };
  const alone = await fewest();
  for (let more = 0; more < 20; more += 1) watching.push(await watchList({}));
  expect(await fewest()).toBe(alone);
});
