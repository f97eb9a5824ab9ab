import type { ConversationRow } from "../../store/read/conversations.ts";
import { builder } from "./builder.ts";
import { reads } from "./field-source.ts";
import { ConversationRef, isKind } from "./refs.ts";

/** The agent of a conversation row that has one. */
interface Agent {
  name: string;
  version: string | null;
}

const AgentType = builder.objectRef<Agent>("Agent").implement({
  description: "The agent that a conversation is with. A value, not a node: it has no page of its own.",
  fields: (t) => ({
    agentId: t.string({
      description: "`name:version`, or the name alone where there is no version: what both REST lists take.",
      resolve: ({ name, version }) => (version === null ? name : `${name}:${version}`),
    }),
    name: t.exposeString("name", { description: "The agent's name, without a colon." }),
    version: t.exposeString("version", {
      nullable: true,
      description: "The agent's version; null where none was given.",
    }),
  }),
});

builder.node(ConversationRef, {
  description: "What a user and an agent said to each other.",
  id: { resolve: (conversation) => conversation.id },
  isTypeOf: (value) => isKind(value, "conversation"),
  fields: (t) => ({
    createdAt: t.expose("createdAt", {
      type: "DateTime",
      description:
        "Fixed when the conversation is created: its first turn's timestamp where that is given, else that moment.",
    }),
    updatedAt: t.expose("updatedAt", {
      type: "DateTime",
      description: "When a turn was last appended or changed, or the metadata was.",
    }),
    metadata: t.expose("metadata", {
      type: "Metadata",
      description: "What was attached to the conversation; an empty map when nothing was.",
    }),
    agent: t.field({
      type: AgentType,
      nullable: true,
      description: "The agent that the conversation is with; null where none was given.",
      ...reads({ from: "columns", columns: ["agentName", "agentVersion"] satisfies (keyof ConversationRow)[] }),
      resolve: agentOf,
    }),
  }),
});

function agentOf({ agentName, agentVersion }: Pick<ConversationRow, "agentName" | "agentVersion">): Agent | null {
  return agentName === null ? null : { name: agentName, version: agentVersion };
}
