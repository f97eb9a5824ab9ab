import type { Dialect } from "../dialect.ts";
import { FOUNDRY_ANSWERS, FOUNDRY_BODIES } from "./answers.ts";
import { FOUNDRY_ENDPOINTS } from "./conversations/endpoints.ts";
import { foundryErrorAnswer, invalidUrl } from "./errors.ts";
import { FOUNDRY_TAG, foundryPaths } from "./openapi.ts";

/** OpenAI's Conversations API with Azure AI Foundry's list, at the paths that documentations have and official clients build. */
export const FOUNDRY: Dialect = {
  surface: "foundry",
  endpoints: FOUNDRY_ENDPOINTS,
  fail: foundryErrorAnswer,
  // The bases of the documented service's URLs, on which its clients look for what is not served here.
  unknown: { paths: /^\/(openai|v1|api\/projects)(\/|$)/i, answer: invalidUrl },
  published: { tag: FOUNDRY_TAG, paths: foundryPaths, schemas: { ...FOUNDRY_ANSWERS, ...FOUNDRY_BODIES } },
};
