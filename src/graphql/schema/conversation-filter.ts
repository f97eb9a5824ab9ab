import { badInput } from "../../model/errors.ts";
import { isolationKeyFault, MAX_METADATA_PAIRS, splitAgentId } from "../../model/rules.ts";
import type { ConversationFilter } from "../../store/read/conversations.ts";
import { parseSearch, UNFINISHED_BYTES, UNFINISHED_CHARACTERS, UNFINISHED_TURNS } from "../../store/read/search.ts";
import { builder } from "./builder.ts";
import { checkText } from "./input-rules.ts";
import { MetadataEntryInput } from "./metadata-input.ts";
import { TurnStateType } from "./turn.ts";

export const ConversationFilterType = builder.inputType("ConversationFilter", {
  description: "Conditions on conversations. A conversation must meet all that are given; null counts as left out.",
  fields: (t) => ({
    user: t.string({
      description:
        "The isolation key that they are stored under, exactly. A caller who is one user sees nothing under any other.",
    }),
    agentName: t.string({ description: "The agent's name, exactly; any version." }),
    agentId: t.string({ description: "`name:version` for one version of an agent; a name alone for any." }),
    metadata: t.field({
      type: [MetadataEntryInput],
      description: `Pairs that must all be present; up to ${MAX_METADATA_PAIRS}.`,
    }),
    createdFrom: t.field({ type: "DateTime", description: "Created at this instant or later." }),
    createdBefore: t.field({ type: "DateTime", description: "Created earlier than this instant." }),
    updatedFrom: t.field({ type: "DateTime", description: "Updated at this instant or later." }),
    updatedBefore: t.field({ type: "DateTime", description: "Updated earlier than this instant." }),
    search: t.string({
      description: `Words in the conversation's text fragments and its title, in web search syntax: all of them, in whatever turns; a "phrase" in one turn; \`or\` between alternatives; \`-\` before a word that must not occur. Whole words, the last one also as a beginning unless it is quoted; case ignored; each Han and Kana character is a word, and a run of them a phrase. Of each turn the first 100,000 characters. Of turns IN_PROGRESS that the caller may see, the newest ${UNFINISHED_TURNS} that have up to ${UNFINISHED_BYTES} bytes, each by its first ${UNFINISHED_CHARACTERS} characters. At least one word, at most 32; up to 5,000 characters.`,
    }),
    calledFunction: t.string({ description: "The name of a function that was called in the conversation." }),
    turnState: t.field({ type: TurnStateType, description: "At least one turn is in this state." }),
  }),
});

/**
 * The store's filter for the client's. BAD_USER_INPUT, naming the condition, for text that cannot be stored and so
 * cannot be found.
 */
export function toConversationFilter(
  input: typeof ConversationFilterType.$inferInput | null | undefined,
): ConversationFilter {
  checkText("filter", input);
  const agent = input?.agentId == null ? null : splitAgentId(input.agentId);
  const user = input?.user ?? undefined;
  const fault = user === undefined ? null : isolationKeyFault(user);
  if (fault !== null) throw badInput("filter.user", `\`user\` ${fault}.`);
  const agentName = input?.agentName ?? undefined;
  return {
    user,
    agentNames: [agentName, agent?.name].filter((name) => name !== undefined),
    agentVersion: agent?.version ?? undefined,
    metadata: input?.metadata ?? undefined,
    createdFrom: input?.createdFrom ?? undefined,
    createdBefore: input?.createdBefore ?? undefined,
    updatedFrom: input?.updatedFrom ?? undefined,
    updatedBefore: input?.updatedBefore ?? undefined,
    search: input?.search == null ? undefined : parseSearch(input.search),
    calledFunction: input?.calledFunction ?? undefined,
    turnState: input?.turnState ?? undefined,
  };
}
