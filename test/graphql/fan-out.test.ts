import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";

import { startTestServer, type TestServer } from "../harness/server.ts";
import { startTwin, type Twin } from "../harness/twin.ts";
import { type Watch, watch } from "../harness/watch.ts";
import { append, create, update } from "../harness/writes.ts";

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

const FIELDS = "turn { id revision messages { ... on TextFragment { content } } } appended { text offset }";
const WATCH = `subscription ($id: ID!, $after: Int) { turnChanged(conversationId: $id, afterRevision: $after) { ${FIELDS} } }`;
const TURNS = 2;

/** Begins turns that text is appended to. */
async function begin(): Promise<{ id: string; turns: string[] }> {
  const id = await create(server);
  const turns: string[] = [];
  while (turns.length < TURNS) {
    const turn = { role: "ASSISTANT", state: "IN_PROGRESS", messages: [] };
    turns.push((await append(server, { conversationId: id, turn })).id);
  }
  return { id, turns };
}

/** Takes the event: it has the turn's whole text, which the added text must continue. Gives its revision. */
// biome-ignore lint/suspicious/noExplicitAny: the shape is what the test asserts
function hear(event: any, heard: Map<string, string>): number {
  expect(event?.errors).toBeUndefined();
  const { turn, appended } = event.data.turnChanged;
  const content = turn.messages[0]?.content ?? "";
  const before = heard.get(turn.id);
  if (appended !== null && before !== undefined) {
    expect(appended.offset).toBe(before.length);
    expect(before + appended.text === content).toBe(true);
  }
  heard.set(turn.id, content);
  return turn.revision;
}

/** Reads on until the revision has come; no event may come twice. */
async function hearUntil(revision: number, watching: Watch, heard: Map<string, string>): Promise<void> {
  for (let at = 0; at < revision; ) {
    const next = hear(await watching.next(), heard);
    expect(next).toBeGreaterThan(at);
    at = next;
  }
}

const step = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({ turn: fc.nat(TURNS - 1), text: fc.string({ minLength: 1 }), far: fc.boolean() }),
  },
  { weight: 2, arbitrary: fc.record({ after: fc.option(fc.nat(TURNS + 3)), named: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ leaves: fc.nat(9) }) },
);

test("whoever joins, leaves or comes again while others watch, each is told what it has not got, and nothing twice", {
  timeout: 30_000,
}, async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 15, maxLength: 40 }), async (steps) => {
      const { id, turns } = await begin();
      const said = new Map(turns.map((turn) => [turn, ""]));
      let revision = TURNS;
      let watchers: { watching: Watch; heard: Map<string, string>; from: number }[] = [];
      const join = async (after: number | null, named: boolean) => {
        const headers: Record<string, string> = named && after !== null ? { "last-event-id": String(after) } : {};
        const watching = await watch(server, { id, after: named ? null : after }, headers, WATCH);
        watchers.push({ watching, heard: after === null ? new Map(said) : new Map(), from: revision });
      };
      for (const each of [0, 1, 2]) await join(null, each === 0);
      for (const one of steps) {
        if ("leaves" in one) {
          watchers[one.leaves]?.watching.leave();
          watchers = watchers.filter((_, index) => index !== one.leaves);
        } else if ("after" in one) {
          await join(one.after === null ? null : Math.min(one.after, revision), one.named);
        } else {
          const turn = turns[one.turn] ?? "";
          said.set(turn, said.get(turn) + one.text);
          ({ revision } = await update(one.far ? twin : server, { id: turn, appendText: one.text }));
        }
      }
      const last = revision;
      for (const { watching, heard, from } of watchers) {
        if (from < last) await hearUntil(last, watching, heard);
        for (const [turn, text] of heard) expect(text).toBe(said.get(turn));
        watching.leave();
      }
    }),
    { numRuns: 6 },
  );
});

test("one who does not read holds up no other, and is told the last state, with all that was added since its last event", async () => {
  const { id, turns } = await begin();
  const turn = turns[0] ?? "";
  const start = (await update(server, { id: turn, appendText: "x".repeat(300_000) })).revision;
  const search = new URLSearchParams({ query: WATCH, variables: JSON.stringify({ id, after: start }) });
  const slow = await fetch(`${server.origin}/graphql?${search}`, { headers: { accept: "text/event-stream" } });
  const fast = [await watch(server, { id }, {}, WATCH), await watch(server, { id }, {}, WATCH)];
  const known = () => new Map([[turn, "x".repeat(300_000)]]);
  const heard = [known(), known()];
  let last = start;
  // 9 MB: more than what the sockets hold.
  for (let count = 0; count < 30; count += 1) {
    last = (await update(server, { id: turn, appendText: `word ${count}` })).revision;
    for (const [index, one] of fast.entries()) expect(hear(await one.next(), heard[index] ?? known())).toBe(last);
  }
  const told: number[] = [];
  const text = known();
  let rest = "";
  for await (const piece of slow.body?.pipeThrough(new TextDecoderStream()) ?? []) {
    const lines = `${rest}${piece}`.split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) if (line.startsWith("data: {")) told.push(hear(JSON.parse(line.slice(6)), text));
    if (told.at(-1) === last) break;
  }
  expect(told.length).toBeLessThan(30);
  expect(text).toEqual(heard[0]);
  for (const one of fast) one.leave();
});

test("those who ask otherwise with the same document are told what they asked for, while others watch", async () => {
  const { id, turns } = await begin();
  const query = `subscription ($id: ID!, $after: Int, $whole: Boolean = false) {
    turnChanged(conversationId: $id, afterRevision: $after) { turn { revision state @include(if: $whole) } } }`;
  const asked = [{ id }, { id, after: TURNS }, { id, whole: true }, { id, after: TURNS, whole: true }];
  const watching = await Promise.all(asked.map((variables) => watch(server, variables, {}, query)));
  for (let count = 0; count < 3; count += 1) {
    const { revision } = await update(server, { id: turns[0], appendText: "x" });
    const told = await Promise.all(watching.map(async (one) => (await one.next())?.data.turnChanged.turn));
    const whole = { revision, state: "IN_PROGRESS" };
    expect(told).toEqual([{ revision }, { revision }, whole, whole]);
  }
  for (const one of watching) one.leave();
});
