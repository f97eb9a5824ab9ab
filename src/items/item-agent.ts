import { isJsonObject, type JsonObject } from "../model/json.ts";
import { isAgent } from "../model/rules.ts";

export interface ItemAgent {
  name: string;
  version: string | null;
}

/**
 * The agent that an item brings: its `agent_reference`, else `created_by.agent`. Null for none, and for one that breaks
 * the rules of agents.
 */
export function agentOfItem({ agent_reference: reference, created_by: creator }: JsonObject): ItemAgent | null {
  const referred = isJsonObject(reference) && reference.type === "agent_reference" ? readAgent(reference) : null;
  return referred ?? (isJsonObject(creator) ? readAgent(creator.agent) : null);
}

function readAgent(value: unknown): ItemAgent | null {
  if (!isJsonObject(value) || typeof value.name !== "string") return null;
  const agent = { name: value.name, version: typeof value.version === "string" ? value.version : null };
  return isAgent(agent) ? agent : null;
}
