/**
 * The object of these entries, whose keys stay in this order. Of two with one key the last value counts, at the first
 * one's place, as in `JSON.parse`. An object that JavaScript would order otherwise is frozen: it lists keys that look like
 * array indices first, so that `{"title":…,"2024":…,"2023":…}` would be stored as 2023, 2024, title.
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
