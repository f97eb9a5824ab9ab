import { problemAnswer } from "../../http/problem-answer.ts";
import { HEADER_PARAMETERS, toParameters, toResponses } from "../openapi-parts.ts";
import { FIXIE_PATH, FIXIE_QUERY } from "./parameters.ts";

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
  };
}
