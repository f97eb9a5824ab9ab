import { type Cache, cacheExchange, type Data, type Entity } from "@urql/exchange-graphcache";
import { relayPagination } from "@urql/exchange-graphcache/extras";
import { Client, fetchExchange, gql } from "urql";

const ORIGIN: string = import.meta.env.VITE_ORIGIN ?? "http://127.0.0.1:4000";

const TURN_EDGE = gql`
  fragment _ on TurnEdge { cursor node { id } }
`;

const value = () => null;
const byCursor = ({ cursor }: Data) => cursor as string;

/** Gives each list in the cache, of this field of the object, the edges that `change` makes of its own. */
function relink(cache: Cache, object: Entity, field: string, change: (edges: string[]) => string[]): void {
  for (const { fieldName, fieldKey } of cache.inspectFields(object)) {
    if (fieldName !== field) continue;
    const list = cache.resolve(object, fieldKey) as string;
    cache.link(list, "edges", change(cache.resolve(list, "edges") as string[]));
  }
}

/** Puts a turn at the end of its conversation, unless it is there: what was sent is heard of as well. */
function linkTurn(cache: Cache, edge: Data & { node: Data & { conversation: Data } }): void {
  cache.writeFragment(TURN_EDGE, edge);
  const added = cache.keyOfEntity(edge) as string;
  relink(cache, edge.node.conversation, "turns", (edges) => (edges.includes(added) ? edges : [...edges, added]));
}

interface WithTurn {
  turnEdge: Parameters<typeof linkTurn>[1];
}

/** The client of this page. The cache takes the schema from the server. */
export async function createClient(): Promise<Client> {
  const schema = await (await fetch(`${ORIGIN}/schema.json`)).json();
  return new Client({
    url: `${ORIGIN}/graphql`,
    fetchSubscriptions: true,
    exchanges: [
      cacheExchange({
        schema,
        resolvers: { Query: { conversations: relayPagination() }, Conversation: { turns: relayPagination() } },
        keys: {
          ConversationEdge: byCursor,
          TurnEdge: byCursor,
          Agent: value,
          FunctionCallFragment: value,
          FunctionResponseFragment: value,
          TextFragment: value,
        },
        updates: {
          Mutation: {
            appendTurn: ({ appendTurn }, _args, cache) => linkTurn(cache, (appendTurn as unknown as WithTurn).turnEdge),
            deleteConversation(_result, { input }, cache) {
              const { id } = input as { id: string };
              const gone = cache.keyOfEntity({ __typename: "Conversation", id });
              relink(cache, "Query", "conversations", (edges) =>
                edges.filter((edge) => cache.resolve(edge, "node") !== gone),
              );
            },
          },
          Subscription: {
            turnChanged: ({ turnChanged }, _args, cache) =>
              linkTurn(cache, (turnChanged as unknown as WithTurn).turnEdge),
          },
        },
      }),
      fetchExchange,
    ],
  });
}
