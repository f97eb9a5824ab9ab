import { z } from "zod";
import { FRAGMENT_STATES, TURN_ROLES, TURN_STATES } from "../../model/message-fragment.ts";
import { MAX_OFFSET } from "../../model/rules.ts";

const metadata = z.record(z.string(), z.unknown()).optional().meta({
  description: "What user or agent attached to the fragment; absent when nothing is.",
});

const text = z.object({
  kind: z.literal("text"),
  content: z.string().meta({ examples: ["Hello!"] }),
  state: z.enum(FRAGMENT_STATES).meta({ description: "Whether the text is complete." }),
  metadata,
});

const functionCall = z.object({
  kind: z.literal("functionCall"),
  name: z.string().meta({ examples: ["queryKnowledgeBase"] }),
  args: z.record(z.string(), z.unknown()).meta({ examples: [{ query: "Why is the sky blue?" }] }),
  metadata,
});

const functionResponse = z.object({
  kind: z.literal("functionResponse"),
  name: z.string().meta({ examples: ["queryKnowledgeBase"] }),
  response: z.string().meta({ description: "The result to the byte, a string even where it holds JSON." }),
  failed: z.boolean().meta({ examples: [false] }),
  metadata,
});

const fragment = z.discriminatedUnion("kind", [text, functionCall, functionResponse]);

const turn = z.object({
  id: z.string().meta({ examples: ["turn_aa2fa9836cd4f05af9fe03382f45033c"] }),
  timestamp: z.string().meta({ format: "date-time", examples: ["2026-10-05T08:12:41.250Z"] }),
  role: z.enum(TURN_ROLES),
  messages: z.array(fragment),
  state: z
    .enum(TURN_STATES)
    .meta({ description: "How far the turn has come; always `done` for a user.", examples: ["done"] }),
  errorDetail: z
    .string()
    .optional()
    .meta({ description: "Only in the state `error`, and absent where nothing was given." }),
  inReplyToId: z
    .string()
    .optional()
    .meta({ description: "The user turn that this one answers; absent where none was given." }),
});

const conversation = z.object({
  id: z.string().meta({ examples: ["conv_a55e7bc57264d79155cb67c8db9ddca9"] }),
  turns: z.array(turn).meta({ description: "All turns, in the order in which they were said." }),
});

const page = z.object({
  conversations: z.array(conversation),
  pageInfo: z.object({
    requestedPageSize: z.int().min(1).max(100).meta({ description: "The limit in force." }),
    requestedOffset: z.int().min(0).max(MAX_OFFSET),
    totalResultCount: z.int().min(0).meta({ description: "How many conversations the agent has, exactly." }),
  }),
});

const problem = z
  .object({
    type: z.literal("about:blank"),
    title: z.string().meta({ description: "What HTTP calls the status." }),
    status: z.int(),
    detail: z.string(),
    param: z.string().optional().meta({ description: "The parameter or header at fault." }),
  })
  .meta({ description: "A problem document (RFC 9457)." });

/** Every member of what the list answers, by the names that the published document gives them. */
export const FIXIE_ANSWERS = {
  FixieText: text,
  FixieFunctionCall: functionCall,
  FixieFunctionResponse: functionResponse,
  FixieFragment: fragment,
  FixieTurn: turn,
  FixieConversation: conversation,
  FixiePage: page,
  FixieProblem: problem,
};
