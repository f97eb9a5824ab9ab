import type { ConversationRow } from "../../store/read/conversations.ts";
import { builder } from "./builder.ts";
import { source } from "./field-source.ts";
import { ConversationRef, isKind } from "./refs.ts";

/** The agent of a conversation row that has one. */
interface Agent {
  name: string;
  version: string | null;
}

export const AgentType = builder.objectRef<Agent>("Agent").implement({
  description: "The agent of a conversation. A value without an id: `node` does not find it.",
  fields: (t) => ({
    agentId: t.string({
      description: "`name:version`, or the name alone where there is no version. Both REST lists take it.",
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
  description: "A conversation of a user and an agent: turns in their order.",
  id: { resolve: (conversation) => conversation.id },
  isTypeOf: (value) => isKind(value, "conversation"),
  fields: (t) => ({
    createdAt: t.expose("createdAt", {
      type: "DateTime",
      description:
        "The timestamp of the first turn where the creating request gave one, else the instant of that request. It never changes.",
    }),
    updatedAt: t.expose("updatedAt", {
      type: "DateTime",
      description:
        "The instant of the last append or change of a turn; while a text streams, up to a second before that. A change of the conversation's metadata, as of its title, leaves it.",
    }),
    revision: t.exposeInt("revision", {
      description:
        "Every append and change of a turn and every change of the metadata raises it by one. 0 for a conversation that was created empty and never changed. `turnChanged(afterRevision:)` goes on from it.",
    }),
    metadata: t.expose("metadata", {
      type: "Metadata",
      description: "Strings that were attached to the conversation; an empty map when none were.",
    }),
    title: t.string({
      nullable: true,
      description:
        "The metadata's `title`; null without one. Whatever writes the metadata, over REST too, names the conversation by it.",
      ...source({ from: "columns", columns: ["metadata"] satisfies (keyof ConversationRow)[] }),
      resolve: ({ metadata }) => (Object.hasOwn(metadata, "title") ? (metadata.title ?? null) : null),
    }),
    user: t.exposeString("isolationKey", {
      nullable: true,
      description: "The isolation key that the conversation is stored under; null where it is no user's.",
    }),
    agent: t.field({
      type: AgentType,
      nullable: true,
      description: "The agent of the conversation; null where none was given.",
      ...source({ from: "columns", columns: ["agentName", "agentVersion"] satisfies (keyof ConversationRow)[] }),
      resolve: agentOf,
    }),
  }),
});

function agentOf({ agentName, agentVersion }: Pick<ConversationRow, "agentName" | "agentVersion">): Agent | null {
  return agentName === null ? null : { name: agentName, version: agentVersion };
}
