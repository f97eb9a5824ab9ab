/**
 * An object of these entries with its keys in this order. A repeated key keeps its first place and takes its last
 * value, as in `JSON.parse`. JavaScript lists keys that look like array indices first, so that
 * `{"title":…,"2024":…,"2023":…}` would be stored as 2023, 2024, title: an object that it would reorder is frozen.
 */
export function orderedObject<Value>(entries: Iterable<readonly [key: string, value: Value]>): Record<string, Value> {
  const ordered = new Map(entries);
  const keys = [...ordered.keys()];
  const object = Object.fromEntries(ordered);
  if (Object.keys(object).every((key, index) => key === keys[index])) return object;
  // `JSON.stringify` and `Object.entries` ask this trap for the keys, and it may give them in any order. Frozen,
  // because the trap would not list a key that is added later.
  return new Proxy(Object.freeze(object), { ownKeys: () => keys });
}
