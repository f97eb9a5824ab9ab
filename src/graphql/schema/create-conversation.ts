import { badInput } from "../../model/errors.ts";
import { hasColon, MAX_AGENT_CHARACTERS, MAX_METADATA_PAIRS } from "../../model/rules.ts";
import type { ConversationRow } from "../../store/read/conversations.ts";
import { createConversation, type NewConversation } from "../../store/write/create-conversation.ts";
import type { NewTurn } from "../../store/write/turn-content.ts";
import { builder } from "./builder.ts";
import { ConversationEdgeRef, toConversationEdge } from "./conversation-connection.ts";
import { checkLength, checkText } from "./input-rules.ts";
import { MAX_ITEMS, MAX_TURNS } from "./list-bounds.ts";
import { loadConversation } from "./load-conversation.ts";
import { MetadataEntryInput, toMetadata } from "./metadata-input.ts";
import { afterWrite, IDEMPOTENCY_KEY, toIdempotency } from "./mutation.ts";
import { checkOwnId, OWN_ID } from "./own-id.ts";
import { ConversationRef } from "./refs.ts";
import { askedOf, TurnInput, toNewTurn } from "./turn-input.ts";

const AgentInput = builder.inputType("AgentInput", {
  description: "The agent of a conversation to store.",
  fields: (t) => ({
    name: t.string({ required: true, description: "1 to 128 characters, without a colon." }),
    version: t.string({ description: "1 to 128 characters; none when left out." }),
  }),
});

const CreateConversationInput = builder.inputType("CreateConversationInput", {
  description: "A conversation to store.",
  fields: (t) => ({
    id: t.id({ description: `${OWN_ID} Not with the prefix \`turn_\`.` }),
    agent: t.field({ type: AgentInput, description: "The agent of the conversation; none when left out." }),
    metadata: t.field({
      type: [MetadataEntryInput],
      description: `Up to ${MAX_METADATA_PAIRS} pairs. A key given twice is BAD_USER_INPUT.`,
    }),
    turns: t.field({
      type: [TurnInput],
      description: `The first turns, in order: up to ${MAX_TURNS}; none when left out. All lists in a request's variables may have up to ${MAX_ITEMS} items together.`,
    }),
    idempotencyKey: t.string({ description: IDEMPOTENCY_KEY }),
  }),
});

const CreateConversationPayload = builder.objectRef<ConversationRow>("CreateConversationPayload").implement({
  description:
    "The conversation that `createConversation` stored, or that the first call with its idempotency key did.",
  fields: (t) => ({
    conversation: t.field({
      type: ConversationRef,
      description: "The conversation.",
      resolve: (conversation) => conversation,
    }),
    conversationEdge: t.field({
      type: ConversationEdgeRef,
      description: "The conversation with its cursor in a list that is newest first.",
      resolve: toConversationEdge,
    }),
  }),
});

builder.mutationField("createConversation", (t) =>
  t.field({
    type: CreateConversationPayload,
    nullable: true,
    description: "Stores a new conversation for the user that the request names. null when it failed.",
    args: {
      input: t.arg({ type: CreateConversationInput, required: true, description: "The conversation to store." }),
    },
    resolve: async (_root, { input }, context) => {
      checkText("input", input);
      const conversation = toNewConversation(input);
      // A timestamp that was omitted differs with each call, and is no part of the input to compare.
      const turns = (input.turns ?? []).flatMap((given, index) => {
        const turn = conversation.turns[index];
        return turn === undefined ? [] : [askedOf(turn, given)];
      });
      const asked = { ...conversation, createdAt: null, turns };
      const idempotency = toIdempotency("createConversation", input.idempotencyKey, asked);
      const id = await createConversation(context.database, context.scope, conversation, idempotency);
      afterWrite(context, id);
      return loadConversation(context, id);
    },
  }),
);

function toNewConversation(input: typeof CreateConversationInput.$inferInput): NewConversation {
  const id = input.id == null ? null : checkOwnId("input.id", "conversation", input.id);
  const turns = (input.turns ?? []).map((turn, index) => toNewTurn(`input.turns.${index}`, turn));
  checkIds(id, turns);
  return {
    id,
    createdAt: input.turns?.[0]?.timestamp ?? new Date(),
    agent: toAgent(input.agent),
    metadata: toMetadata("input.metadata", input.metadata ?? []),
    turns,
  };
}

/** BAD_USER_INPUT for an id that is given twice, and for a reply to anything but a user turn with an id of the caller's. */
function checkIds(id: string | null, turns: readonly NewTurn[]): void {
  const taken = new Set(id === null ? [] : [id]);
  const questions = new Set<string>();
  for (const [index, turn] of turns.entries()) {
    if (turn.inReplyToId !== null && !questions.has(turn.inReplyToId)) {
      const message =
        "`inReplyToId` must name an earlier USER turn of the conversation by the id that is given with it.";
      throw badInput(`input.turns.${index}.inReplyToId`, message);
    }
    if (turn.id === null) continue;
    if (taken.has(turn.id)) throw badInput(`input.turns.${index}.id`, "This id is given twice.");
    taken.add(turn.id);
    if (turn.role === "user") questions.add(turn.id);
  }
}

function toAgent(agent: typeof AgentInput.$inferInput | null | undefined): NewConversation["agent"] {
  if (agent === null || agent === undefined) return null;
  checkLength("input.agent.name", agent.name, 1, MAX_AGENT_CHARACTERS);
  if (hasColon(agent.name)) throw badInput("input.agent.name", "An agent's name has no colon.");
  if (agent.version != null) checkLength("input.agent.version", agent.version, 1, MAX_AGENT_CHARACTERS);
  return { name: agent.name, version: agent.version ?? null };
}
