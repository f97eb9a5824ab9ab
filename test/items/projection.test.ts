import fc from "fast-check";
import { expect, test } from "vitest";

import { readFoundryConversation } from "../../src/formats/foundry.ts";
import { ReadingNotes } from "../../src/formats/reading-notes.ts";
import type { Item } from "../../src/items/item.ts";
import { calledIds, itemsToTurns, type KnownCall } from "../../src/items/items-to-turns.ts";
import { parseItem, takeItems } from "../../src/items/take-items.ts";
import { placeOfDerivedId, turnToItems } from "../../src/items/turn-to-items.ts";
import type { MessageFragment, TurnRole, TurnState } from "../../src/model/message-fragment.ts";
import { randomConversation } from "../harness/random-turns.ts";
import { readOne } from "../harness/read-input.ts";
import { anyItem, sayableItem } from "./random-items.ts";

interface Turn {
  role: TurnRole;
  state: TurnState;
  messages: MessageFragment[];
}

interface Stored {
  turns: Turn[];
  items: { item: Item; position: number; fragments: number | null }[];
}

/** What a store does with the items of one call. */
function store({ turns, items }: Stored, added: readonly Item[]): void {
  const last = turns.at(-1);
  const ids = calledIds(added);
  const known = items.flatMap(({ item: { callId, type, value }, position }): KnownCall[] =>
    callId !== null && ids.includes(callId) ? [{ position, callId, type, name: (value.name as string) ?? null }] : [],
  );
  const position = turns.length;
  const projected = itemsToTurns(
    added,
    last === undefined ? null : { position, role: last.role, ofItems: true },
    known,
  );
  last?.messages.push(...(projected.joined?.messages ?? []));
  if (last !== undefined) last.state = projected.joined?.state ?? last.state;
  turns.push(...projected.begun.map((turn) => ({ ...turn, messages: [...turn.messages] })));
  items.push(...projected.placed.map(({ item, turn, fragments }) => ({ item, position: position + turn, fragments })));
}

function storedOf(calls: readonly (readonly Item[])[]): Stored {
  const stored: Stored = { turns: [], items: [] };
  for (const items of calls) store(stored, items);
  return stored;
}

function take(items: readonly object[]): Item[] {
  const taken = takeItems(items.map((item) => JSON.stringify(item)));
  if ("fault" in taken) throw new Error(JSON.stringify(taken.fault));
  return taken.items;
}

const said = (turns: readonly Turn[]) => turns.map(({ role, state, messages }) => ({ role, state, messages }));

test("items come back as they were posted, and give the same turns in any number of calls", () => {
  fc.assert(
    fc.property(fc.array(anyItem, { maxLength: 12 }), fc.array(fc.boolean()), (posted, cuts) => {
      const items = take(posted);
      const calls: Item[][] = [[]];
      for (const [index, item] of items.entries()) {
        if (cuts[index] === true) calls.push([]);
        calls.at(-1)?.push(item);
      }
      const once = storedOf([items]);
      expect(storedOf(calls)).toEqual(once);
      expect(once.items.map(({ item }) => item.json)).toEqual(items.map(({ json }) => json));
      expect(items.map(({ json }) => parseItem(json))).toEqual(items);
      for (const [index, { messages }] of once.turns.entries()) {
        const own = once.items.filter(({ position }) => position === index + 1);
        expect(own.reduce((sum, { fragments }) => sum + (fragments ?? 0), 0)).toBe(messages.length);
      }
    }),
    { numRuns: 300 },
  );
});

test("import and pull give the same turns", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(sayableItem, { minLength: 1, maxLength: 8 }), async (posted) => {
      const items = take(posted);
      const { turns } = storedOf([items]);
      const values = items.map(({ value }) => value);
      const pulled = readFoundryConversation({ id: "c", created_at: 1 }, values, new ReadingNotes());
      expect(said(pulled.turns)).toEqual(said(turns));
      if (turns.length === 0) return;
      expect(said((await readOne({ object: "conversation", id: "c", items: values })).turns)).toEqual(said(turns));
    }),
    { numRuns: 100 },
  );
});

test("the items of a turn have ids that are found again, and read as the same turn", () => {
  fc.assert(
    fc.property(randomConversation, ({ turns }) => {
      const derived = turns.map((turn, index) => turnToItems({ ...turn, position: index + 1 }));
      const all = derived.flat();
      expect(new Set(all.map(({ id }) => id)).size).toBe(all.length);
      for (const [index, items] of derived.entries()) {
        const { role, state, messages } = turns[index] as Turn;
        expect(items.map(({ id }) => placeOfDerivedId(id))).toEqual(
          items.map((_, place) => ({ position: index + 1, place })),
        );
        expect(items.reduce((sum, { fragments }) => sum + fragments, 0)).toBe(messages.length);
        const posted = takeItems(items.map(({ json }) => json));
        expect(posted).toEqual({ items: items.map(({ fragments, ...item }) => item) });
        if (role === "user" && messages.some(({ kind }) => kind !== "text")) continue;
        const [turn] = storedOf([items]).turns;
        const isDone = role === "user" || state === "done" || state === "in-progress";
        expect(turn).toMatchObject({ role, state: isDone ? "done" : "stopped" });
        if (role === "assistant") expect(turn?.messages.map(wordsOf)).toEqual(messages.map(wordsOf));
        else expect(turn?.messages.map(wordsOf).join()).toBe(messages.map(wordsOf).join("\n"));
      }
    }),
    { numRuns: 100 },
  );
});

function wordsOf(fragment: MessageFragment): unknown {
  if (fragment.kind === "text") return fragment.content;
  return fragment.kind === "functionCall" ? JSON.stringify(fragment.args) : fragment.response;
}
