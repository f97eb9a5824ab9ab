import { storedDocument } from "../../graphql/pipeline/stored-document.ts";
import { type Answer, writtenAnswer } from "../../http/answer.ts";
import type { RestRequest } from "../rest-request.ts";
import { readFixieParameters } from "./parameters.ts";
import { TURN_FIELDS, TURNS_AT_FIRST, TURNS_SELECTION, writePage } from "./turns.ts";

const PAGE = storedDocument<{ agentId: string; first: number; offset: number; turns: number }>(`
  query FixieConversations($agentId: String!, $first: Int!, $offset: Int!, $turns: Int!) {
    conversations(first: $first, offset: $offset, filter: { agentId: $agentId }) {
      totalCount
      nodes { id turns(first: $turns) { ${TURNS_SELECTION} } }
    }
  }`).reading(["id"], TURN_FIELDS);

/**
 * The documented list of an agent's conversations with all their turns. One statement for the page and one for the count;
 * the rest of a long conversation costs one for each few hundred turns, and is written out as it is read. Throws
 * BAD_USER_INPUT for parameters that break their rules.
 */
export async function listAgentConversations(agent: string, { query, run }: RestRequest): Promise<Answer> {
  const { limit: first, offset, agentId } = readFixieParameters(agent, query);
  const { rows, count } = await run(PAGE, { agentId, first, offset, turns: TURNS_AT_FIRST });
  const conversations = rows.filter((row) => row !== null);
  const pageInfo = { requestedPageSize: first, requestedOffset: offset, totalResultCount: count };
  const closing = `],"pageInfo":${JSON.stringify(pageInfo)}}`;
  return writtenAnswer(writePage(conversations, '{"conversations":[', closing, run));
}
