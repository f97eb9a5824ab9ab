import type { Node } from "libpg-query";

/** A kind of node, by PostgreSQL's name, with its fields. */
type FieldsOf<One, Kind extends string> = One extends { [Name in Kind]: infer Held } ? Held : never;
export type Fields<Kind extends string> = FieldsOf<Node, Kind>;

/** The node's fields where it is of the kind; else undefined. */
export function as<Kind extends string>(kind: Kind, node: Node | undefined): Fields<Kind> | undefined {
  const held: object = node ?? {};
  // Safe cast: a node is an object with one key, its kind, which holds the fields of that kind.
  return (held as { [Name in Kind]?: Fields<Kind> })[kind];
}

/** The texts of a list of `String` nodes, such as a name with its schema. */
export function textsOf(nodes: readonly Node[] | undefined): string[] {
  return (nodes ?? []).map((node) => as("String", node)?.sval ?? "");
}

/**
 * Calls `onField` with the name and the value of each field below the value that holds an object: of a node that is its kind
 * and its fields. Goes below it only where that returns true.
 */
export function walk(value: unknown, onField: (name: string, held: object) => boolean): void {
  if (typeof value !== "object" || value === null) return;
  if (Array.isArray(value)) {
    for (const element of value) walk(element, onField);
    return;
  }
  for (const [name, held] of Object.entries(value)) {
    if (typeof held === "object" && held !== null && onField(name, held)) walk(held, onField);
  }
}

/** Whether a field of one of these names is anywhere in the value. */
export function holds(value: unknown, names: readonly string[]): boolean {
  let found = false;
  walk(value, (name) => {
    found ||= names.includes(name);
    return !found;
  });
  return found;
}
