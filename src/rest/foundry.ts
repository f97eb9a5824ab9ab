import { storedDocument } from "../graphql/stored-document.ts";
import { encodeCursor } from "../relay/cursor.ts";
import { type Answer, jsonAnswer, type ListRequest } from "./answer.ts";
import type { FoundryPage } from "./foundry-answers.ts";
import { conversationNotFound } from "./foundry-errors.ts";
import { FOUNDRY_PARAMETER_ERRORS, FOUNDRY_QUERY } from "./foundry-parameters.ts";
import { readQuery } from "./parameters.ts";

interface Conversation {
  id: string;
  createdAt: string;
  metadata: Record<string, string>;
}

interface Page {
  conversations: { nodes: Conversation[]; pageInfo: { hasNextPage: boolean; hasPreviousPage: boolean } };
}

interface PageVariables {
  first: number | null;
  last: number | null;
  after: string | null;
  before: string | null;
  direction: "ASC" | "DESC";
  filter: { agentName: string | null; agentId: string | null };
}

const PAGE = storedDocument<Page, PageVariables>(`
  query FoundryConversations(
    $first: Int, $last: Int, $after: String, $before: String, $direction: OrderDirection!, $filter: ConversationFilter
  ) {
    conversations(
      first: $first, last: $last, after: $after, before: $before, filter: $filter
      orderBy: { field: CREATED_AT, direction: $direction }
    ) {
      nodes { id createdAt metadata }
      pageInfo { hasNextPage hasPreviousPage }
    }
  }`);

/** What a cursor of the list stands for: the place of the conversation that it names. */
interface Anchor {
  __typename: string;
  id: string;
  createdAt?: string;
}

const ANCHORS = storedDocument<{ nodes: (Anchor | null)[] }, { ids: string[] }>(`
  query FoundryCursors($ids: [ID!]!) { nodes(ids: $ids) { __typename id ... on Conversation { createdAt } } }`);

/**
 * The documented list of conversations. One statement, and one more when `after` or `before` names a conversation.
 * Throws a FoundryError for parameters that break their rules.
 */
export async function listConversations({ query, run }: ListRequest): Promise<Answer> {
  const parameters = readQuery(FOUNDRY_QUERY, query, FOUNDRY_PARAMETER_ERRORS);
  const { limit, agent_name: agentName = null, agent_id: agentId = null } = parameters;
  const direction = parameters.order === "asc" ? "ASC" : "DESC";
  const filter = { agentName, agentId };
  const { after, before } = await findCursors(parameters.after ?? null, parameters.before ?? null, direction, run);
  const backward = before !== null && after === null;
  const { conversations } = await run.data(PAGE, {
    first: backward ? null : limit,
    last: backward ? limit : null,
    after,
    before,
    direction,
    filter,
  });
  const { hasNextPage, hasPreviousPage } = conversations.pageInfo;
  return jsonAnswer(200, listBody(conversations.nodes, backward ? hasPreviousPage : hasNextPage));
}

function listBody(conversations: readonly Conversation[], hasMore: boolean): FoundryPage {
  const data = conversations.map(({ id, createdAt, metadata }): FoundryPage["data"][number] => ({
    id,
    object: "conversation",
    created_at: Math.floor(Date.parse(createdAt) / 1000),
    metadata,
  }));
  const ends = data.length === 0 ? {} : { first_id: data.at(0)?.id, last_id: data.at(-1)?.id };
  return { data, ...ends, has_more: hasMore };
}

/**
 * The ids that a caller pages by as cursors of the graph. The official .NET client asks for its second page with
 * `after` the last and `before` the first id of the page before: a `before` that does not lie after `after` is ignored.
 */
async function findCursors(
  after: string | null,
  before: string | null,
  direction: "ASC" | "DESC",
  run: ListRequest["run"],
): Promise<{ after: string | null; before: string | null }> {
  const ids = [after, before].filter((id) => id !== null);
  if (ids.length === 0) return { after: null, before: null };
  const found = new Map(
    (await run.data(ANCHORS, { ids })).nodes.flatMap((node) => (node === null ? [] : [[node.id, node]])),
  );
  const place = (id: string | null): Place | null => toPlace(id === null ? undefined : found.get(id));
  const [start, end] = [place(after), place(before)];
  if (after !== null && start === null) throw conversationNotFound("after", after);
  if (before !== null && after === null && end === null) throw conversationNotFound("before", before);
  const bounds = start === null || (end !== null && isAfter(start, end, direction));
  const cursor = (at: Place | null) => (at === null ? null : encodeCursor({ field: "CREATED_AT", direction }, at));
  return { after: cursor(start), before: bounds ? cursor(end) : null };
}

type Place = readonly [createdAt: number, id: string];

function toPlace(node: Anchor | undefined): Place | null {
  return node?.createdAt === undefined ? null : [Date.parse(node.createdAt), node.id];
}

function isAfter(start: Place, end: Place, direction: "ASC" | "DESC"): boolean {
  const [first, second] = direction === "ASC" ? [start, end] : [end, start];
  return first[0] < second[0] || (first[0] === second[0] && first[1] < second[1]);
}
