import { problemAnswer } from "../../http/problem-answer.ts";
import { notFound } from "../../model/errors.ts";
import { HEADER_PARAMETERS, toParameters, toResponses } from "../openapi-parts.ts";
import { FIXIE_CONVERSATION_PATH, FIXIE_PATH, FIXIE_QUERY } from "./parameters.ts";

/** The heading of this list in the published document. */
export const FIXIE_TAG = {
  name: "Fixie",
  description: "The list of Fixie: offset pages of conversations with every turn and fragment.",
};

/** The list's path in the published document. */
export function fixiePaths(): object {
  return {
    "/api/v1/agents/{agentId}/conversations": {
      get: {
        operationId: "listAgentConversations",
        summary: "An agent's conversations with all their turns, newest first",
        tags: [FIXIE_TAG.name],
        parameters: [...toParameters(FIXIE_PATH, "path"), ...toParameters(FIXIE_QUERY, "query"), ...HEADER_PARAMETERS],
        responses: toResponses("FixiePage", {
          schema: "FixieProblem",
          mediaType: "application/problem+json",
          fail: problemAnswer,
        }),
      },
    },
    "/api/v1/agents/{agentId}/conversations/{conversationId}": {
      get: {
        operationId: "getAgentConversation",
        summary: "One conversation of an agent, as in the list",
        tags: [FIXIE_TAG.name],
        parameters: [...toParameters(FIXIE_CONVERSATION_PATH, "path"), IF_NONE_MATCH, ...HEADER_PARAMETERS],
        responses: conversationResponses(),
      },
    },
  };
}

const IF_NONE_MATCH = {
  name: "if-none-match",
  in: "header",
  description: "The `etag` of an earlier answer: 304 while nothing changed since.",
  schema: { type: "string" },
};

const ETAG = { etag: { description: "Changes with each change of a turn.", schema: { type: "string" } } };

function conversationResponses(): object {
  const { 200: found, ...errors } = toResponses(
    "FixieConversation",
    {
      schema: "FixieProblem",
      mediaType: "application/problem+json",
      fail: problemAnswer,
      more: {
        404: {
          description: "There is no such conversation of the agent that the caller may see.",
          example: notFound("conversation", "conversationId"),
        },
      },
    },
    "The conversation.",
  );
  return {
    200: { ...found, headers: { ...found?.headers, ...ETAG } },
    304: { description: "Nothing changed.", headers: ETAG },
    ...errors,
  };
}
