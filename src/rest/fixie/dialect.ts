import { problemAnswer } from "../../http/problem-answer.ts";
import type { Dialect } from "../dialect.ts";
import { FIXIE_ANSWERS } from "./answers.ts";
import { listAgentConversations } from "./list.ts";
import { FIXIE_TAG, fixiePaths } from "./openapi.ts";
import { readFixieParameters } from "./parameters.ts";

/** Fixie's list. Its documentation has no words for errors. */
export const FIXIE: Dialect = {
  surface: "fixie",
  paths: /^\/api\/v1\/agents\/([^/]+)\/conversations$/,
  check: ({ segment }, query) => void readFixieParameters(segment ?? "", query),
  list: ({ segment }, _projectId, request) => listAgentConversations(segment ?? "", request),
  fail: problemAnswer,
  published: { tag: FIXIE_TAG, paths: fixiePaths, schemas: FIXIE_ANSWERS },
};
