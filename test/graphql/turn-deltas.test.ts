import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";

import { ask } from "../harness/graphql.ts";
import { startTestServer, type TestServer } from "../harness/server.ts";
import { startTwin, type Twin } from "../harness/twin.ts";
import { type Watch, watch } from "../harness/watch.ts";
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

const DELTAS = `subscription ($conversationId: ID!, $afterRevision: Int) {
  turnChanged(conversationId: $conversationId, afterRevision: $afterRevision) {
    turn { id revision state } appended { text offset fragment }
  }
}`;
const READ =
  "query ($id: ID!) { node(id: $id) { ... on Turn { revision messages { ... on TextFragment { content } } } } }";

interface Delta {
  text: string;
  offset: number;
  fragment: number;
}

async function follow(conversationId: string, afterRevision: number | null = null): Promise<Watch> {
  return watch(server, { conversationId, afterRevision }, {}, DELTAS);
}

/** The next event: its turn's revision and state, and what was added. */
async function nextChange(watching: Watch): Promise<{ revision: number; state: string; appended: Delta | null }> {
  const event = await watching.next();
  expect(event?.errors).toBeUndefined();
  const { turn, appended } = event?.data.turnChanged ?? {};
  return { ...turn, appended };
}

async function contents(id: string): Promise<string[]> {
  const { node } = await ask(server, READ, { id });
  return node.messages.map(({ content }: { content: string }) => content);
}

async function openTurn(conversationId: string, messages: unknown[] = []): Promise<string> {
  const turn = { role: "ASSISTANT", state: "IN_PROGRESS", messages };
  return (await append(server, { conversationId, turn })).id;
}

const long = fc.nat({ max: 40_000 }).map((length) => "long 🙂 ".repeat(Math.ceil(length / 8)));
const pieces = fc.array(fc.oneof(fc.string({ unit: "grapheme" }), long), { minLength: 1, maxLength: 8 });

test("whoever puts the added texts together has the turn's text, at its every revision", {
  timeout: 120_000,
}, async () => {
  await fc.assert(
    fc.asyncProperty(pieces, async (texts) => {
      const conversationId = await create(server, { turns: [says("tell")] });
      const id = await openTurn(conversationId);
      const watching = await follow(conversationId);
      let [said, heard, revision] = ["", "", 0];
      for (const [index, text] of texts.entries()) {
        said += text;
        revision = (await update(index % 2 === 0 ? server : twin, { id, appendText: text })).revision;
      }
      for (let at = 0; at < revision; ) {
        const change = await nextChange(watching);
        expect(change.appended).not.toBeNull();
        expect(change.appended).toMatchObject({ fragment: 0, offset: heard.length });
        heard += change.appended?.text;
        at = change.revision;
      }
      watching.leave();
      expect(heard).toBe(said);
      expect(await contents(id)).toEqual([said]);
    }),
    { numRuns: 15 },
  );
});

test("a change of anything else has no added text, and text after it has again", async () => {
  const conversationId = await create(server);
  const id = await openTurn(conversationId, [words("one", "IN_PROGRESS")]);
  const watching = await follow(conversationId);
  const changes: [input: object, appended: Delta | null][] = [
    [{ appendText: " two" }, { text: " two", offset: 3, fragment: 0 }],
    [{ appendText: "" }, { text: "", offset: 7, fragment: 0 }],
    [{ appendMessages: [words("and")] }, null],
    [{ appendText: "three" }, { text: "three", offset: 0, fragment: 2 }],
    [{ appendText: " four" }, { text: " four", offset: 5, fragment: 2 }],
    [{ messages: [words("new", "IN_PROGRESS")] }, null],
    [{ appendText: "er" }, { text: "er", offset: 3, fragment: 0 }],
    [{ appendText: "!", state: "DONE" }, null],
  ];
  for (const [input, appended] of changes) {
    await update(twin, { id, ...input });
    expect((await nextChange(watching)).appended, JSON.stringify(input)).toEqual(appended);
  }
  watching.leave();
  expect(await contents(id)).toEqual(["newer!"]);
});

test("appends that come together have one text; one that begins another fragment has none", async () => {
  const conversationId = await create(server);
  const id = await openTurn(conversationId);
  const { revision } = await update(server, { id, appendText: "a" });
  for (const appendText of ["b", "c"]) await update(server, { id, appendText });
  const both = await follow(conversationId, revision);
  expect((await nextChange(both)).appended).toEqual({ text: "bc", offset: 1, fragment: 0 });
  both.leave();
  await update(server, { id, appendMessages: [words("closed")] });
  await update(server, { id, appendText: "d" });
  const late = await follow(conversationId, revision);
  expect((await nextChange(late)).appended).toBeNull();
  late.leave();
});

test("a watcher that comes again between two texts is not told the later one as all", async () => {
  const conversationId = await create(server);
  const [first, second] = [await openTurn(conversationId), await openTurn(conversationId)];
  await update(server, { id: first, appendText: "a" });
  const seen = await update(server, { id: first, appendText: "b" });
  const { revision } = await update(server, { id: second, appendText: "x" });
  await update(server, { id: first, appendText: "c" });
  // It may have had the second turn's event alone, as each turn comes in its last state.
  const again = await follow(conversationId, revision);
  expect((await nextChange(again)).appended).toBeNull();
  await update(server, { id: first, appendText: "d" });
  expect((await nextChange(again)).appended).toEqual({ text: "d", offset: 3, fragment: 0 });
  again.leave();
  const exact = await follow(conversationId, seen.revision);
  const events = [await nextChange(exact), await nextChange(exact)];
  expect(events.map(({ appended }) => appended?.text)).toEqual([undefined, "cd"]);
  exact.leave();
});

test("an event is one read, although the server hears its own notification", async () => {
  const conversationId = await create(server);
  const { id } = await append(server, {
    conversationId,
    turn: { role: "ASSISTANT", state: "IN_PROGRESS", messages: [] },
  });
  await update(server, { id, appendText: "a" });
  const watching = await follow(conversationId);
  const appends = 20;
  const count = await server.countStatements(async () => {
    for (let index = 0; index < appends; index += 1) {
      await update(server, { id, appendText: "b" });
      await nextChange(watching);
    }
  });
  // The append and the read, and once the read of a watcher that begins.
  expect(count).toBeLessThanOrEqual(2 * appends + 1);
  watching.leave();
});
