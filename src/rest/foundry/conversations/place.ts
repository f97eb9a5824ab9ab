import { splitAgentId } from "../../../model/rules.ts";
import type { Database } from "../../../store/database/client.ts";
import type { ConversationRow } from "../../../store/read/conversations.ts";
import type { AgentFilter } from "../../../store/read/find-items.ts";
import { readNodes } from "../../../store/read/nodes.ts";
import type { RestUrl } from "../../dialect.ts";
import type { RestRequest } from "../../rest-request.ts";
import { conversationNotFound } from "../errors.ts";

/** A call of the API. */
export interface Call extends RestRequest {
  /** The agent whose endpoint is called: other agents' conversations are unknown there; null elsewhere. */
  agent: AgentFilter | null;
  /** The ids in the path; empty where it has none. */
  conversationId: string;
  itemId: string;
}

/** The call at this URL. */
export function toCall({ segments }: RestUrl, request: RestRequest): Call {
  const { agent, conversation = "", item = "" } = segments;
  return {
    ...request,
    agent: agent === undefined ? null : splitAgentId(agent),
    conversationId: conversation,
    itemId: item,
  };
}

/** The conversation of the call. One statement. Throws a FoundryError for one that the caller does not see here. */
export async function findConversation(
  { store: { scope }, agent, conversationId }: Call,
  database: Database,
): Promise<ConversationRow> {
  const node = (await readNodes(database, scope, [conversationId])).get(conversationId);
  if (node?.kind !== "conversation" || !isOf(agent, node)) throw conversationNotFound(null, conversationId);
  return node;
}

/** As `findConversation`, where only the endpoint of an agent asks for what the call's own statements do not find out. */
export async function checkAgent(call: Call, database: Database): Promise<void> {
  if (call.agent !== null) await findConversation(call, database);
}

/** Whether the conversation is one of the agent's; without an agent, each is. */
export function isOf(agent: AgentFilter | null, { agentName, agentVersion }: ConversationRow): boolean {
  return agent === null || (agent.name === agentName && (agent.version === null || agent.version === agentVersion));
}
