import {
  type ASTNode,
  type ASTVisitor,
  GraphQLError,
  type GraphQLInputType,
  type GraphQLType,
  getNamedType,
  getNullableType,
  isInputObjectType,
  isListType,
  isNonNullType,
  Kind,
  type ValidationContext,
} from "graphql";

import { isJsonObject } from "../../model/json.ts";
import { MAX_METADATA_PAIRS } from "../../model/rules.ts";

/** The most ids of `nodes`. */
export const MAX_IDS = 100;

/** The most turns that a new conversation may begin with. */
export const MAX_TURNS = 1000;

/** The most fragments of one list. */
export const MAX_FRAGMENTS = 1000;

/** The most items of all lists in the variables of a request together. */
export const MAX_ITEMS = 5000;

/** The most items of a list in an input, by the type of its items. */
const MAX_ITEMS_OF: Record<string, number> = {
  ID: MAX_IDS,
  MetadataEntryInput: MAX_METADATA_PAIRS,
  // Keys of metadata.
  String: MAX_METADATA_PAIRS,
  TurnInput: MAX_TURNS,
  MessageFragmentInput: MAX_FRAGMENTS,
};

/** The path into a value: names of fields, and places in lists. */
export type Path = readonly (string | number)[];

/** The places of lists in the values of an input type; null for a type without any. */
type Lists = { most: number; items: Lists } | { fields: readonly (readonly [name: string, of: Lists])[] } | null;

/** A list that is too long: its path, and the broken rule, worded to follow the list's name. */
interface LongList {
  path: Path;
  rule: string;
}

/**
 * Measures the lists of one request's variables, value by value, before they are coerced. Returns the first list that
 * is too long, else null.
 */
export type MeasureLists = (value: unknown, type: GraphQLInputType) => LongList | null;

/**
 * A function that begins the measuring of a request by the types of a schema. The cost grows with the lengths of the
 * lists.
 */
export function createListMeasure(): () => MeasureLists {
  const known = new Map<GraphQLInputType, Lists>();
  const listsIn = (type: GraphQLInputType): Lists => {
    if (isNonNullType(type)) return listsIn(type.ofType);
    if (isListType(type)) return { most: mostOf(type), items: listsIn(type.ofType) };
    if (!isInputObjectType(type)) return null;
    const found = known.get(type);
    if (found !== undefined) return found;
    const fields = Object.values(type.getFields()).map(({ name, type: of }) => [name, listsIn(of)] as const);
    const lists = fields.some(([, of]) => of !== null) ? { fields: fields.filter(([, of]) => of !== null) } : null;
    known.set(type, lists);
    return lists;
  };
  return () => {
    let left = MAX_ITEMS;
    const measure = (value: unknown, lists: Lists, path: Path): LongList | null => {
      if (lists === null) return null;
      if ("fields" in lists) {
        if (!isJsonObject(value)) return null;
        return firstOf(lists.fields, ([name, of]) => measure(value[name], of, [...path, name]));
      }
      // Any other value stands for a list of one.
      if (!Array.isArray(value)) return measure(value, lists.items, path);
      if (value.length > lists.most) return { path, rule: brokenRule(lists.most, value.length) };
      left -= value.length;
      if (left < 0) return { path, rule: `goes over the ${MAX_ITEMS} items that all lists may have together.` };
      if (lists.items === null) return null;
      return firstOf(value.entries(), ([index, item]) => measure(item, lists.items, [...path, index]));
    };
    return (value, type) => measure(value, listsIn(type), []);
  };
}

function mostOf(type: GraphQLType): number {
  const { name } = getNamedType(type);
  const most = MAX_ITEMS_OF[name];
  if (most === undefined) throw new Error(`A list of ${name} in an input needs a bound.`);
  return most;
}

function brokenRule(most: number, length: number): string {
  return `may have up to ${most} items, not ${length}.`;
}

function firstOf<Item, Found>(items: Iterable<Item>, find: (item: Item) => Found | null): Found | null {
  for (const item of items) {
    const found = find(item);
    if (found !== null) return found;
  }
  return null;
}

/** A validation rule: no list that is written out in a document has too many items. */
export function listBoundsRule(context: ValidationContext): ASTVisitor {
  return {
    ListValue(node, _key, parent, keys, ancestors) {
      // A caller's own JSON has no list types.
      const type = getNullableType(context.getParentInputType());
      const most = isListType(type) ? mostOf(type) : node.values.length;
      if (node.values.length <= most) return;
      const argument = argumentPath([...ancestors, parent], keys).join(".");
      const message = `\`${argument}\` ${brokenRule(most, node.values.length)}`;
      context.reportError(new GraphQLError(message, { nodes: node, extensions: badArgument(argument) }));
    },
  };
}

/** The extensions of an error that an argument causes before execution: status 400 under every media type. */
export function badArgument(argument: string) {
  return { code: "BAD_USER_INPUT", argument, http: { status: 400, spec: false } };
}

type Visited = ASTNode | readonly ASTNode[] | undefined;

/**
 * The path of a value from its argument on, such as `filter`, `metadata`, `0`, from the visited nodes and their keys.
 */
export function argumentPath(visited: readonly Visited[], keys: Path): string[] {
  return visited.flatMap((node, index) => {
    if (node === undefined) return [];
    if (!("kind" in node)) return isListNode(visited[index - 1]) ? [String(keys[index])] : [];
    return node.kind === Kind.ARGUMENT || node.kind === Kind.OBJECT_FIELD ? [node.name.value] : [];
  });
}

function isListNode(node: Visited): boolean {
  return node !== undefined && "kind" in node && node.kind === Kind.LIST;
}
