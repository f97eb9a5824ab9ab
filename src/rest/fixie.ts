import { badInput } from "../errors.ts";
import { storedDocument } from "../graphql/stored-document.ts";
import { MAX_OFFSET } from "../rules.ts";
import type { Answer, ListRequest } from "./answer.ts";
import { duplicateParameter } from "./fixie-errors.ts";
import { writePage } from "./fixie-turns.ts";
import { checkStorable, parseInteger, readParameters } from "./parameters.ts";

const DEFAULT_LIMIT = 100;
const MAX_LIMIT = 100;

// How many turns come with each conversation: all of most conversations, and of a page of long ones a bounded amount.
const TURNS_AT_FIRST = 100;

const PAGE = storedDocument<unknown, { agentId: string; first: number; offset: number; turns: number }>(`
  query FixieConversations($agentId: String!, $first: Int!, $offset: Int!, $turns: Int!) {
    conversations(first: $first, offset: $offset, filter: { agentId: $agentId }) {
      totalCount
      nodes { turns(first: $turns) { nodes { messages { __typename } } pageInfo { hasNextPage } } }
    }
  }`);

/**
 * The documented list of an agent's conversations with all their turns. One statement for the page and one for the count;
 * the rest of a long conversation costs one for each few hundred turns, and is written out as it is read. Throws
 * BAD_USER_INPUT for parameters that break their rules.
 */
export async function listAgentConversations(agentId: string, { query, run }: ListRequest): Promise<Answer> {
  const parameter = readParameters(query, ["limit", "offset"], duplicateParameter);
  const first = parseInRange("limit", parameter("limit"), DEFAULT_LIMIT, 1, MAX_LIMIT);
  const offset = parseInRange("offset", parameter("offset"), 0, 0, MAX_OFFSET);
  const agent = checkStorable("agentId", agentId);
  const { rows, count } = await run.rows(PAGE, { agentId: agent, first, offset, turns: TURNS_AT_FIRST });
  const conversations = rows.filter((row) => row?.kind === "conversation");
  const pageInfo = { requestedPageSize: first, requestedOffset: offset, totalResultCount: count };
  const closing = `],"pageInfo":${JSON.stringify(pageInfo)}}`;
  return {
    status: 200,
    headers: { "content-type": "application/json; charset=utf-8" },
    body: writePage(conversations, '{"conversations":[', closing, run),
  };
}

function parseInRange(name: string, text: string | null, fallback: number, least: number, most: number): number {
  if (text === null) return fallback;
  const value = parseInteger(text);
  if (value === null || value < least || value > most) {
    throw badInput(name, `The parameter '${name}' must be an integer from ${least} to ${most}.`);
  }
  return Number(value);
}
