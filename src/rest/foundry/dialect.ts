import type { Dialect } from "../dialect.ts";
import { FOUNDRY_ANSWERS } from "./answers.ts";
import { foundryErrorAnswer, invalidUrl } from "./errors.ts";
import { listConversations } from "./list.ts";
import { FOUNDRY_TAG, foundryPaths } from "./openapi.ts";
import { readFoundryParameters } from "./parameters.ts";

/** Azure AI Foundry's list, at the paths that its documentation has and those that the official clients build. */
export const FOUNDRY: Dialect = {
  surface: "foundry",
  paths: /^(?:\/api\/projects\/([^/]+))?\/openai(?:\/v1)?\/conversations$/,
  check({ segment }, query) {
    // A key that does not open the project of the path makes the URL an unknown one, whatever its parameters are.
    if (segment === null) readFoundryParameters(query);
  },
  async list({ method, path, segment }, projectId, request) {
    return segment === null || segment === projectId ? listConversations(request) : invalidUrl(method, path);
  },
  fail: foundryErrorAnswer,
  // The bases of the documented service's URLs, on which its clients look for what is not served here.
  unknown: { paths: /^\/(openai|v1|api\/projects)(\/|$)/i, answer: invalidUrl },
  published: { tag: FOUNDRY_TAG, paths: foundryPaths, schemas: FOUNDRY_ANSWERS },
};
