import { problemAnswer } from "../../http/problem-answer.ts";
import type { Dialect } from "../dialect.ts";
import { FIXIE_ANSWERS } from "./answers.ts";
import { readAgentConversation } from "./conversation.ts";
import { listAgentConversations } from "./list.ts";
import { FIXIE_TAG, fixiePaths } from "./openapi.ts";
import { readConversationPath, readFixieParameters } from "./parameters.ts";

/** Fixie's list. Its documentation has no words for errors. */
export const FIXIE: Dialect = {
  surface: "fixie",
  endpoints: [
    {
      paths: /^\/api\/v1\/agents\/(?<agent>[^/]+)\/conversations$/,
      methods: {
        GET: {
          check: ({ segments: { agent = "" } }, query) => void readFixieParameters(agent, query),
          answer: ({ segments: { agent = "" } }, _projectId, request) => listAgentConversations(agent, request),
        },
      },
    },
    {
      paths: /^\/api\/v1\/agents\/(?<agent>[^/]+)\/conversations\/(?<id>[^/]+)$/,
      methods: {
        GET: {
          check: ({ segments: { agent = "", id = "" } }) => void readConversationPath(agent, id),
          answer: ({ segments: { agent = "", id = "" } }, _projectId, request) =>
            readAgentConversation(agent, id, request),
        },
      },
    },
  ],
  fail: problemAnswer,
  published: { tag: FIXIE_TAG, paths: fixiePaths, schemas: FIXIE_ANSWERS },
};
