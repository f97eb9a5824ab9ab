import type { Cache, Data, Entity } from "@urql/exchange-graphcache";
import { gql } from "urql";

// How the lists in the cache follow what is written and heard. Edges are named by their objects, so that an object has one
// edge, wherever it came from.

const CONVERSATION_EDGE = gql`
  fragment ListedConversation on ConversationEdge { cursor node { id updatedAt } }
`;
const TURN_EDGE = gql`
  fragment SaidTurn on TurnEdge { cursor node { id } }
`;

export type ConversationEdge = Data & { node: Data & { id: string; updatedAt: string } };
export type TurnEdge = Data & { node: Data & { conversation: Data } };

/** Makes the edges of each page in the cache again, of this list of the object. */
function relink(
  cache: Cache,
  object: Entity,
  field: string,
  change: (edges: string[], isLast: boolean) => string[],
): void {
  for (const { fieldName, fieldKey } of cache.inspectFields(object)) {
    if (fieldName !== field) continue;
    const page = cache.resolve(object, fieldKey) as string;
    const isLast = cache.resolve(cache.resolve(page, "pageInfo") as string, "hasNextPage") === false;
    cache.link(page, "edges", change(cache.resolve(page, "edges") as string[], isLast));
  }
}

/** Takes the object with this id out of the list. */
export function unlink(cache: Cache, object: Entity, field: string, edge: { __typename: string; node: Data }): void {
  const gone = cache.keyOfEntity(edge);
  relink(cache, object, field, (edges) => edges.filter((one) => one !== gone));
}

/** Puts a turn at the end of its conversation, unless it is there. */
export function linkTurn(cache: Cache, edge: TurnEdge): void {
  cache.writeFragment(TURN_EDGE, edge);
  const added = cache.keyOfEntity(edge) as string;
  relink(cache, edge.node.conversation, "turns", (edges, isLast) =>
    isLast && !edges.includes(added) ? [...edges, added] : edges,
  );
}

/** Puts a conversation where it belongs in the inbox, last changed first. One that was renamed stays where it is. */
export function linkConversation(cache: Cache, edge: ConversationEdge): void {
  cache.writeFragment(CONVERSATION_EDGE, edge);
  const added = cache.keyOfEntity(edge) as string;
  const isOlder = (other: string) =>
    (cache.resolve(cache.resolve(other, "node") as string, "updatedAt") as string) < edge.node.updatedAt;
  // A page further on may get it too: `relayPagination` shows it once, where it comes first.
  relink(cache, "Query", "conversations", (edges, isLast) => {
    const others = edges.filter((one) => one !== added);
    const place = others.findIndex(isOlder);
    if (place >= 0) return others.toSpliced(place, 0, added);
    return isLast ? [...others, added] : edges;
  });
}
