import { type Run, storedDocument } from "../graphql/stored-document.ts";
import type { JsonObject } from "../json.ts";

/** How many turns are read at a time: what is in memory at once, whatever the size of the page. */
export const TURNS_PER_SLICE = 500;

type Fragment =
  | { __typename: "TextFragment"; content: string; state: string; metadata: JsonObject | null }
  | { __typename: "FunctionCallFragment"; name: string; args: JsonObject; metadata: JsonObject | null }
  | {
      __typename: "FunctionResponseFragment";
      name: string;
      response: string;
      failed: boolean;
      metadata: JsonObject | null;
    };

interface Turn {
  id: string;
  timestamp: string;
  role: string;
  state: string;
  errorDetail: string | null;
  inReplyTo: { id: string } | null;
  messages: Fragment[];
}

interface TurnSlice {
  nodes: { turns: { nodes: Turn[]; pageInfo: { hasNextPage: boolean; endCursor: string | null } } }[];
}

const TURNS = storedDocument<TurnSlice, { ids: string[]; first: number; after: string | null }>(`
  query FixieTurns($ids: [ID!]!, $first: Int!, $after: String) {
    nodes(ids: $ids) {
      ... on Conversation {
        turns(first: $first, after: $after) {
          nodes {
            id timestamp role state errorDetail inReplyTo { id }
            messages {
              __typename
              ... on TextFragment { content state metadata }
              ... on FunctionCallFragment { name args metadata }
              ... on FunctionResponseFragment { name response failed metadata }
            }
          }
          pageInfo { hasNextPage endCursor }
        }
      }
    }
  }`);

/**
 * The conversations as JSON text in the documented form, one after the other and in the order of the ids, in pieces. One
 * read for all; a conversation with more turns than a slice costs one more for each further slice. A conversation that
 * was deleted meanwhile keeps its place without turns: a page that came out short would end its caller's loop.
 */
export async function* writeConversations(ids: readonly string[], run: Run): AsyncGenerator<string> {
  const { nodes } = await run(TURNS, { ids: [...ids], first: TURNS_PER_SLICE, after: null });
  for (const [index, id] of ids.entries()) {
    let slice = nodes[index]?.turns;
    const separator = index === 0 ? "" : ",";
    yield `${separator}{"id":${JSON.stringify(id)},"turns":[${writeTurns(slice)}`;
    while (slice?.pageInfo.hasNextPage) {
      const next = await run(TURNS, { ids: [id], first: TURNS_PER_SLICE, after: slice.pageInfo.endCursor });
      slice = next.nodes[0]?.turns;
      yield `,${writeTurns(slice)}`;
    }
    yield "]}";
  }
}

function writeTurns(slice: TurnSlice["nodes"][number]["turns"] | undefined): string {
  return (slice?.nodes ?? []).map((turn) => JSON.stringify(toTurn(turn))).join(",");
}

function toTurn({ id, timestamp, role, messages, state, errorDetail, inReplyTo }: Turn): object {
  return {
    id,
    timestamp,
    role: spell(role),
    messages: messages.map(toFragment),
    state: spell(state),
    ...(errorDetail !== null && { errorDetail }),
    ...(inReplyTo !== null && { inReplyToId: inReplyTo.id }),
  };
}

function toFragment(fragment: Fragment): object {
  const metadata = fragment.metadata === null ? {} : { metadata: fragment.metadata };
  switch (fragment.__typename) {
    case "TextFragment":
      return { kind: "text", content: fragment.content, state: spell(fragment.state), ...metadata };
    case "FunctionCallFragment":
      return { kind: "functionCall", name: fragment.name, args: fragment.args, ...metadata };
    case "FunctionResponseFragment":
      return {
        kind: "functionResponse",
        name: fragment.name,
        response: fragment.response,
        failed: fragment.failed,
        ...metadata,
      };
  }
}

// The schema names its enum values after the documented ones: IN_PROGRESS is in-progress.
function spell(value: string): string {
  return value.toLowerCase().replace("_", "-");
}
