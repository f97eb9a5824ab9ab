import { HEADER_PARAMETERS, toParameters, toResponses } from "../openapi-parts.ts";
import { conversationNotFound, foundryErrorAnswer } from "./errors.ts";
import { FOUNDRY_QUERY } from "./parameters.ts";

/** The heading of this list in the published document. */
export const FOUNDRY_TAG = {
  name: "Foundry",
  description: "The list of Azure AI Foundry: cursor pages of conversations without their turns.",
};

/** The list's paths in the published document. */
export function foundryPaths(): object {
  const responses = toResponses("FoundryPage", {
    schema: "FoundryError",
    mediaType: "application/json",
    fail: foundryErrorAnswer,
    more: {
      404: {
        description:
          "`after` or `before` names no conversation that the caller may see, or the key does not open the project.",
        example: conversationNotFound("after", "conv_464a4b2388dbc9c04082c6d7f3347459"),
      },
    },
  });
  const project = {
    name: "project",
    in: "path",
    required: true,
    description: "The project that the key opens.",
    example: "default",
    schema: { type: "string" },
  };
  const operation = (operationId: string, summary: string, path: object[] = []) => ({
    get: {
      operationId,
      summary,
      tags: [FOUNDRY_TAG.name],
      parameters: [...path, ...toParameters(FOUNDRY_QUERY, "query"), ...HEADER_PARAMETERS],
      responses,
    },
  });
  const same = "The same list, at the path that Azure's clients build";
  return {
    "/openai/v1/conversations": operation("listConversations", "The conversations of the caller's project"),
    "/openai/conversations": operation("listConversationsAzure", same),
    "/api/projects/{project}/openai/v1/conversations": operation("listProjectConversations", same, [project]),
    "/api/projects/{project}/openai/conversations": operation("listProjectConversationsAzure", same, [project]),
  };
}
