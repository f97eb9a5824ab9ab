import { type CacheExchangeOpts, cacheExchange, type Data } from "@urql/exchange-graphcache";
import { relayPagination } from "@urql/exchange-graphcache/extras";
import type { Exchange } from "urql";
import type { AppendTurnInput } from "./gql/graphql.ts";
import { type ConversationEdge, linkConversation, linkTurn, type TurnEdge, unlink } from "./links.ts";

const value = () => null; // lives in the object that holds it, and has no id of its own
const byNode = ({ node }: Data) => (node as { id: string }).id;

interface ConversationChange {
  conversationEdge: ConversationEdge | null;
  deletedConversationId: string | null;
  left: boolean;
}

interface TurnChange {
  turnEdge: TurnEdge;
  deletedTurnId: string | null;
}

const conversationOf = (id: string) => ({ __typename: "ConversationEdge", node: { __typename: "Conversation", id } });

const updates: CacheExchangeOpts["updates"] = {
  Mutation: {
    appendTurn: ({ appendTurn }, _args, cache) => linkTurn(cache, (appendTurn as unknown as TurnChange).turnEdge),
    deleteConversation: (_result, { input }, cache) =>
      unlink(cache, "Query", "conversations", conversationOf((input as { id: string }).id)),
  },
  Subscription: {
    turnChanged({ turnChanged }, _args, cache) {
      const { turnEdge, deletedTurnId } = turnChanged as unknown as TurnChange;
      if (deletedTurnId === null) return linkTurn(cache, turnEdge);
      const gone = { __typename: "TurnEdge", node: turnEdge.node };
      return unlink(cache, turnEdge.node.conversation, "turns", gone);
    },
    conversationChanged({ conversationChanged }, _args, cache) {
      const {
        conversationEdge: edge,
        deletedConversationId,
        left,
      } = conversationChanged as unknown as ConversationChange;
      if (edge !== null && !left) return linkConversation(cache, edge);
      unlink(
        cache,
        "Query",
        "conversations",
        edge === null ? conversationOf(deletedConversationId ?? "") : conversationOf(edge.node.id),
      );
      // An open transcript says that its conversation is gone.
      if (edge === null) cache.link("Query", "conversation", { id: deletedConversationId }, null);
    },
  },
};

/** What a sent turn will be: its id is this page's own, so that it is the same turn before the answer and after. */
function sentTurn({ input }: { input?: unknown }) {
  const { conversationId: id, turn } = input as AppendTurnInput;
  const content = turn.messages[0]?.text?.content ?? "";
  const conversation = { __typename: "Conversation", id };
  const messages = [{ __typename: "TextFragment", content }];
  const node = { __typename: "Turn", id: turn.id ?? "", role: turn.role, state: "DONE", messages, conversation };
  return {
    __typename: "AppendTurnPayload",
    turnEdge: { __typename: "TurnEdge", cursor: "", node },
    conversation: { ...conversation, preview: content },
  };
}

/** The cache of this page, by the schema that the server gives out. */
export function createCache(schema: CacheExchangeOpts["schema"]): Exchange {
  return cacheExchange({
    ...(schema && { schema }),
    resolvers: { Query: { conversations: relayPagination() }, Conversation: { turns: relayPagination() } },
    keys: {
      ConversationEdge: byNode,
      TurnEdge: byNode,
      Agent: value,
      FunctionCallFragment: value,
      FunctionResponseFragment: value,
      TextFragment: value,
      TextRange: value,
      TurnHitEdge: value,
    },
    updates,
    optimistic: { appendTurn: sentTurn },
  });
}
