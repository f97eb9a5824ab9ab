import { visit } from "jsonc-parser";

// JavaScript lists the keys of an object that look like array indices first, in the order of their numbers, whatever the
// order in which they were set. `{"title":…,"2024":…,"2023":…}` would be stored as 2023, 2024, title.
const INDEX_KEY = /"\d{1,10}"\s*:/;

/** Whether the JSON text has a key that JavaScript might move. A match inside a string costs time, nothing else. */
export function mayMoveKeys(text: string): boolean {
  return INDEX_KEY.test(text);
}

/**
 * The object of these entries, whose keys stay in this order. Of two with one key the last value counts, at the first
 * one's place, as in `JSON.parse`. An object that JavaScript would order otherwise is frozen.
 */
export function orderedObject<Value>(entries: Iterable<readonly [key: string, value: Value]>): Record<string, Value> {
  const ordered = new Map(entries);
  const keys = [...ordered.keys()];
  const object = Object.fromEntries(ordered);
  if (Object.keys(object).every((key, index) => key === keys[index])) return object;
  // The trap is what `JSON.stringify` and `Object.entries` ask for the keys, and it may give them in any order. Frozen,
  // as a key that came later would be missing there.
  return new Proxy(Object.freeze(object), { ownKeys: () => keys });
}

/** An array or object that is being read. */
type Open = { items: unknown[] } | { key: string; entries: [key: string, value: unknown][] };

/**
 * Parses a JSON text with every object's keys in the order of the text; `toNumber` gives the value of each number from
 * its source. Slower than `JSON.parse`, for texts that need it. Throws SyntaxError as that does.
 */
export function parseInOrder(text: string, toNumber: (value: number, source: string) => unknown): unknown {
  // Says what is wrong in the words that callers know, which the visitor does not.
  JSON.parse(text);
  const root: unknown[] = [];
  const open: Open[] = [{ items: root }];
  const add = (value: unknown): void => {
    const parent = open.at(-1);
    if (parent === undefined) return;
    if ("items" in parent) parent.items.push(value);
    else parent.entries.push([parent.key, value]);
  };
  const close = (): void => {
    const ended = open.pop();
    if (ended !== undefined) add("items" in ended ? ended.items : orderedObject(ended.entries));
  };
  visit(text, {
    onObjectBegin: () => void open.push({ key: "", entries: [] }),
    onObjectEnd: close,
    onArrayBegin: () => void open.push({ items: [] }),
    onArrayEnd: close,
    onObjectProperty(key) {
      const object = open.at(-1);
      if (object !== undefined && "entries" in object) object.key = key;
    },
    onLiteralValue(value, offset, length) {
      add(typeof value === "number" ? toNumber(value, text.slice(offset, offset + length)) : value);
    },
  });
  return root[0];
}
