import { createHash } from "node:crypto";

import manifest from "../../../package.json" with { type: "json" };
import type { Row } from "../../graphql/pipeline/rows.ts";
import { storedDocument } from "../../graphql/pipeline/stored-document.ts";
import { type Answer, writtenAnswer } from "../../http/answer.ts";
import { notFound } from "../../model/errors.ts";
import { splitAgentId } from "../../model/rules.ts";
import type { RestRequest } from "../rest-request.ts";
import { readConversationPath } from "./parameters.ts";
import { TURN_FIELDS, TURNS_AT_FIRST, TURNS_SELECTION, writePage } from "./turns.ts";

const CONVERSATION = storedDocument<{ id: string; turns: number }>(`
  query FixieConversation($id: ID!, $turns: Int!) {
    conversation(id: $id) {
      id createdAt updatedAt revision agent { agentId } turns(first: $turns) { ${TURNS_SELECTION} }
    }
  }`).reading(["id", "createdAt", "updatedAt", "revision", "agent"], TURN_FIELDS);

/**
 * One conversation, as the agent's list has it. 304 where `if-none-match` names its tag, which changes with each change of
 * a turn. One statement, and one for each few hundred turns of a long conversation. Throws NOT_FOUND for a conversation
 * that the caller does not see, and for one of another agent.
 */
export async function readAgentConversation(
  agent: string,
  id: string,
  { ifNoneMatch, run }: RestRequest,
): Promise<Answer> {
  const { agentId, conversationId } = readConversationPath(agent, id);
  const { rows } = await run(CONVERSATION, { id: conversationId, turns: TURNS_AT_FIRST });
  const found = rows[0] ?? null;
  if (found === null || found.isNull("agent") || !isOfAgent(found.text("agent"), agentId)) {
    throw notFound("conversation", "conversationId");
  }
  const headers = { etag: tagOf(found), "cache-control": "private, no-cache" };
  if (names(ifNoneMatch, headers.etag)) return { status: 304, headers, body: "" };
  const { status, headers: own, body } = writtenAnswer(writePage([found], "", "", run));
  return { status, headers: { ...own, ...headers }, body };
}

/** Whether the agent is the one that is asked for, in that version where one is named. */
function isOfAgent(agentId: string, asked: string): boolean {
  return agentId === asked || splitAgentId(agentId).name === asked;
}

/** Weak, as the same text may come in several codings. A release may write turns in another form. */
function tagOf(conversation: Row<"id" | "createdAt" | "updatedAt" | "revision">): string {
  const { createdAt, updatedAt, revision } = {
    createdAt: conversation.instant("createdAt"),
    updatedAt: conversation.instant("updatedAt"),
    revision: conversation.number("revision"),
  };
  const text = JSON.stringify([manifest.version, conversation.text("id"), createdAt, updatedAt, revision]);
  return `W/"${createHash("sha256").update(text).digest("base64url").slice(0, 22)}"`;
}

/** Whether the header names the tag: weakly compared, as RFC 9110 says for it. */
function names(ifNoneMatch: string | undefined, tag: string): boolean {
  const tags = ifNoneMatch?.split(",").map((one) => one.trim()) ?? [];
  return tags.includes("*") || tags.includes(tag) || tags.includes(tag.slice(2));
}
