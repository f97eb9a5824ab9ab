import type { ConversationRecord } from "../model/conversation-record.ts";
import { isAgent, isolationKeyFault, splitAgentId } from "../model/rules.ts";
import type { Fields } from "./fields.ts";

type Agent = NonNullable<ConversationRecord["agent"]>;

/** The agent in `NAME` or `NAME:VERSION`; null when it breaks the rules (1 to 128 characters each). */
export function parseAgentId(text: string): Agent | null {
  const agent = splitAgentId(text);
  return isAgent(agent) ? agent : null;
}

/** Whether the text can be a user's isolation key: 1 to 256 bytes without control characters. */
export function isIsolationKey(text: string): boolean {
  return isolationKeyFault(text) === null;
}

/** The agent in a field; null when absent. Throws RecordError for a name or version that breaks the rules. */
export function readAgent(fields: Fields, name: string): Agent | null {
  const agentFields = fields.optionalFields(name);
  if (agentFields === null) return null;
  const agentName = agentFields.optionalExactText("name");
  if (agentName === null) throw agentFields.error("name", "is missing");
  const agent = { name: agentName, version: agentFields.optionalExactText("version") };
  agentFields.countUnknown();
  if (isAgent(agent)) return agent;
  throw fields.error(name, "needs a name without colon, and a version or none, of 1 to 128 characters each");
}

/** The isolation key in a field; null when absent. Throws RecordError; the message does not show the key. */
export function readIsolationKey(fields: Fields, name: string): string | null {
  const key = fields.optionalExactText(name);
  if (key === null || isIsolationKey(key)) return key;
  throw fields.error(name, "must be 1 to 256 bytes without control characters");
}
