import { badInput } from "../errors.ts";
import { type Run, storedDocument } from "../graphql/stored-document.ts";
import { MAX_OFFSET } from "../rules.ts";
import type { Answer, ListRequest } from "./answer.ts";
import { duplicateParameter } from "./fixie-errors.ts";
import { TURNS_PER_SLICE, writeConversations } from "./fixie-turns.ts";
import { checkStorable, parseInteger, readParameters } from "./parameters.ts";

const DEFAULT_LIMIT = 100;
const MAX_LIMIT = 100;

interface Page {
  conversations: { totalCount: number; nodes: { id: string; turns: { totalCount: number } }[] };
}

const PAGE = storedDocument<Page, { agentId: string; first: number; offset: number }>(`
  query FixieConversations($agentId: String!, $first: Int!, $offset: Int!) {
    conversations(first: $first, offset: $offset, filter: { agentId: $agentId }) {
      totalCount
      nodes { id turns { totalCount } }
    }
  }`);

/**
 * The documented list of an agent's conversations with all their turns. Two statements for the page, then two for each
 * few hundred turns (their conversations and they), written out as they are read: what is in memory does not grow with
 * the page. Throws BAD_USER_INPUT for parameters that break their rules.
 */
export async function listAgentConversations(agentId: string, { query, run }: ListRequest): Promise<Answer> {
  const parameter = readParameters(query, ["limit", "offset"], duplicateParameter);
  const first = parseInRange("limit", parameter("limit"), DEFAULT_LIMIT, 1, MAX_LIMIT);
  const offset = parseInRange("offset", parameter("offset"), 0, 0, MAX_OFFSET);
  const { conversations } = await run(PAGE, { agentId: checkStorable("agentId", agentId), first, offset });
  const pageInfo = {
    requestedPageSize: first,
    requestedOffset: offset,
    totalResultCount: conversations.totalCount,
  };
  return {
    status: 200,
    headers: { "content-type": "application/json; charset=utf-8" },
    body: writePage(conversations.nodes, pageInfo, run),
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

async function* writePage(
  conversations: Page["conversations"]["nodes"],
  pageInfo: object,
  run: Run,
): AsyncGenerator<string> {
  let opening = '{"conversations":[';
  for (const ids of slices(conversations)) {
    for await (const piece of writeConversations(ids, run)) {
      yield opening + piece;
      opening = "";
    }
    opening = ",";
  }
  yield `${conversations.length === 0 ? opening : ""}],"pageInfo":${JSON.stringify(pageInfo)}}`;
}

/** The conversations' ids in runs whose turns fit into one slice; one with more turns than that is a run of its own. */
function slices(conversations: Page["conversations"]["nodes"]): string[][] {
  const runs: string[][] = [];
  let room = 0;
  for (const { id, turns } of conversations) {
    if (turns.totalCount > room || runs.length === 0) {
      runs.push([]);
      room = TURNS_PER_SLICE;
    }
    runs.at(-1)?.push(id);
    room -= turns.totalCount;
  }
  return runs;
}
