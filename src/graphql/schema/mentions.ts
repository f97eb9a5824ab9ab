import { type GraphQLResolveInfo, Kind, type SelectionSetNode } from "graphql";

import type { TurnRead, TurnRow } from "../../store/read/turns.ts";

/**
 * Whether a field of the name is selected anywhere below the field that is resolved, in fragments too, whatever its type and
 * its directives: without one, what only such a field needs is not read.
 */
export function mentions({ fieldNodes, fragments }: GraphQLResolveInfo, name: string): boolean {
  const seen = new Set<string>();
  const isIn = (set: SelectionSetNode | undefined): boolean =>
    set?.selections.some((node) => {
      if (node.kind === Kind.FIELD) return node.name.value === name || isIn(node.selectionSet);
      if (node.kind === Kind.INLINE_FRAGMENT) return isIn(node.selectionSet);
      if (seen.has(node.name.value)) return false;
      seen.add(node.name.value);
      return isIn(fragments[node.name.value]?.selectionSet);
    }) ?? false;
  return fieldNodes.some(({ selectionSet }) => isIn(selectionSet));
}

/** The turn for its resolvers, where its messages were read if the document mentions any. */
export function toResolved(turn: TurnRead): TurnRow {
  // Safe cast: only a field of the name `messages` looks at them, and the document then mentions it.
  return turn as TurnRow;
}
