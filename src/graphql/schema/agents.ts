import { ApiError } from "../../model/errors.ts";
import { lazyConnection } from "../../relay/connection.ts";
import type { Ordering } from "../../relay/ordering.ts";
import { parsePage } from "../../relay/page.ts";
import { type AgentRow, agentKey, countAgents, readAgents } from "../../store/read/agents.ts";
import { builder } from "./builder.ts";
import { pageComplexity } from "./context.ts";
import { AgentType } from "./conversation.ts";

const BY_NAME: Ordering = { field: "NAME", direction: "ASC" };

const AgentSummaryRef = builder.objectRef<AgentRow>("AgentSummary").implement({
  description: "An agent that conversations are with, over all its versions.",
  fields: (t) => ({
    agent: t.field({
      type: AgentType,
      complexity: 1,
      description: "The agent's name, without a version.",
      resolve: ({ id }) => ({ name: id, version: null }),
    }),
    versions: t.exposeStringList("versions", {
      description: "The versions that conversations are with, in the order of their characters.",
    }),
    conversationCount: t.exposeInt("conversationCount", {
      description: "The number of conversations that the caller sees with the agent. Exact.",
    }),
    lastActivityAt: t.field({
      type: "DateTime",
      description:
        "The latest `updatedAt` of these conversations. Read only when selected, from as many conversations as the page's agents have.",
      resolve: async ({ id }, _args, { loaders }) => {
        const last = await loaders.lastActivity.load(id);
        if (last === null) throw new ApiError("NOT_FOUND", "The agent's conversations were deleted meanwhile.");
        return last;
      },
    }),
  }),
});

builder.queryField("agents", (t) =>
  t.connection(
    {
      type: AgentSummaryRef,
      complexity: pageComplexity,
      description:
        "The agents that the conversations which the caller sees are with, by name in the order of its characters. Not those of conversations without an agent.",
      resolve: (_root, args, { database, scope, maxPageSize }) => {
        const page = parsePage(args, BY_NAME, maxPageSize);
        const connection = lazyConnection(page, agentKey, () => readAgents(database, scope, page));
        return Object.assign(connection, { countAll: () => countAgents(database, scope) });
      },
    },
    {
      name: "AgentSummaryConnection",
      description: "A page of the list of agents.",
      fields: (connection) => ({
        totalCount: connection.int({
          description: "The number of agents, whatever the page. Exact; counted only when selected.",
          resolve: ({ countAll }) => countAll(),
        }),
      }),
    },
    { name: "AgentSummaryEdge", description: "An agent and its place in the list." },
  ),
);
