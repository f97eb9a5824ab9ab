import type { Row } from "../../graphql/pipeline/rows.ts";
import { storedDocument } from "../../graphql/pipeline/stored-document.ts";
import { type Answer, writtenAnswer } from "../../http/answer.ts";
import { type JsonOutput, toJsonBytes } from "../../model/json-output.ts";
import { splitAgentId } from "../../model/rules.ts";
import { encodeCursor } from "../../relay/cursor.ts";
import { readNodes } from "../../store/read/nodes.ts";
import { type Call, isOf } from "./conversations/place.ts";
import { conversationNotFound } from "./errors.ts";
import { readFoundryParameters } from "./parameters.ts";

interface PageVariables extends Record<string, unknown> {
  first: number | null;
  last: number | null;
  after: string | null;
  before: string | null;
  backward: boolean;
  direction: "ASC" | "DESC";
  filter: { agentName: string | null; agentId: string | null };
}

const PAGE = storedDocument<PageVariables>(`
  query FoundryConversations(
    $first: Int, $last: Int, $after: String, $before: String, $backward: Boolean!
    $direction: OrderDirection!, $filter: ConversationFilter
  ) {
    conversations(
      first: $first, last: $last, after: $after, before: $before, filter: $filter
      orderBy: { field: CREATED_AT, direction: $direction }
    ) {
      nodes { id createdAt metadata }
      pageInfo { hasNextPage @skip(if: $backward) hasPreviousPage @include(if: $backward) }
    }
  }`).reading(["id", "createdAt", "metadata"]);

/** What a cursor of the list stands for is the place of the conversation that it names. */
const ANCHORS = storedDocument<{ ids: string[] }>(`
  query FoundryCursors($ids: [ID!]!) { nodes(ids: $ids) { ... on Conversation { id createdAt } } }`).reading([
  "id",
  "createdAt",
]);

/**
 * The documented list of conversations. One statement, and one more when `after` or `before` names a conversation.
 * Throws a FoundryError for parameters that break their rules.
 */
export async function listConversations(call: Call): Promise<Answer> {
  const { query, run } = call;
  const parameters = readFoundryParameters(query);
  const { limit } = parameters;
  const direction = parameters.order === "asc" ? "ASC" : "DESC";
  const filter = toFilter(parameters, call.agent);
  const { after, before } = await findCursors(parameters.after ?? null, parameters.before ?? null, direction, call);
  const backward = before !== null && after === null;
  const found = await run(PAGE, {
    first: backward ? null : limit,
    last: backward ? limit : null,
    after,
    before,
    backward,
    direction,
    filter,
  });
  const conversations = found.rows.filter((row) => row !== null);
  return writtenAnswer(toJsonBytes((out) => writePage(conversations, found.hasMore, out)));
}

const PIECES = {
  id: Buffer.from('{"id":'),
  createdAt: Buffer.from(',"object":"conversation","created_at":'),
  metadata: Buffer.from(',"metadata":'),
};

/** Writes the documented answer. The metadata are stored in its form. */
function writePage(conversations: readonly Row<"id" | "createdAt" | "metadata">[], hasMore: boolean, out: JsonOutput) {
  out.writeString('{"data":[');
  for (const [index, conversation] of conversations.entries()) {
    if (index > 0) out.writeString(",");
    out.write(PIECES.id);
    conversation.copy("id", out);
    out.write(PIECES.createdAt);
    out.writeString(String(Math.floor(conversation.instant("createdAt") / 1000)));
    out.write(PIECES.metadata);
    conversation.copy("metadata", out);
    out.writeString("}");
  }
  out.writeString("]");
  const [first, last] = [conversations.at(0), conversations.at(-1)];
  if (first !== undefined && last !== undefined) {
    out.writeString(',"first_id":');
    first.copy("id", out);
    out.writeString(',"last_id":');
    last.copy("id", out);
  }
  out.writeString(`,"has_more":${hasMore}}`);
}

/**
 * The ids that a caller pages by as cursors of the graph. The official .NET client asks for its second page with
 * `after` the last and `before` the first id of the page before: a `before` that does not lie after `after` is ignored.
 */
async function findCursors(
  after: string | null,
  before: string | null,
  direction: "ASC" | "DESC",
  call: Call,
): Promise<{ after: string | null; before: string | null }> {
  const ids = [after, before].filter((id) => id !== null);
  if (ids.length === 0) return { after: null, before: null };
  const { rows } = await call.run(ANCHORS, { ids });
  const others = await findOthers(call, ids);
  const place = (id: string | null): Place | null =>
    id === null || others.has(id) ? null : toPlace(rows[ids.indexOf(id)] ?? null);
  const [start, end] = [place(after), place(before)];
  if (after !== null && start === null) throw conversationNotFound("after", after);
  if (before !== null && after === null && end === null) throw conversationNotFound("before", before);
  const bounds = start === null || (end !== null && isAfter(start, end, direction));
  const cursor = (at: Place | null) => (at === null ? null : encodeCursor({ field: "CREATED_AT", direction }, at));
  return { after: cursor(start), before: bounds ? cursor(end) : null };
}

/** Those of the ids that name another agent's conversation, on the endpoint of an agent. One statement there, else none. */
async function findOthers({ store, agent }: Call, ids: readonly string[]): Promise<Set<string>> {
  if (agent === null) return new Set();
  const nodes = [...(await readNodes(store.reads, store.scope, ids)).values()];
  return new Set(nodes.flatMap((node) => (node.kind === "conversation" && !isOf(agent, node) ? [node.id] : [])));
}

/** The filter of the parameters, on the endpoint of an agent for its conversations alone. */
function toFilter(
  { agent_name: name, agent_id: id }: ReturnType<typeof readFoundryParameters>,
  agent: Call["agent"],
): PageVariables["filter"] {
  const [agentName, agentId] = [name ?? null, id ?? null];
  if (agent === null) return { agentName, agentId };
  const asked = agentId === null ? agent : splitAgentId(agentId);
  const version = agent.version ?? asked.version;
  const isOther = asked.name !== agent.name || (asked.version ?? version) !== version;
  // No agent has an empty name.
  return { agentName: isOther ? "" : agentName, agentId: version === null ? agent.name : `${agent.name}:${version}` };
}

type Place = readonly [createdAt: number, id: string];

function toPlace(conversation: Row<"id" | "createdAt"> | null): Place | null {
  return conversation && [conversation.instant("createdAt"), conversation.text("id")];
}

function isAfter(start: Place, end: Place, direction: "ASC" | "DESC"): boolean {
  const [first, second] = direction === "ASC" ? [start, end] : [end, start];
  return first[0] < second[0] || (first[0] === second[0] && first[1] < second[1]);
}
