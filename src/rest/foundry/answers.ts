import { z } from "zod";

const conversation = z.object({
  id: z.string().meta({
    description: "The same on every surface.",
    examples: ["conv_464a4b2388dbc9c04082c6d7f3347459"],
  }),
  object: z.literal("conversation"),
  created_at: z.int().meta({ description: "Whole seconds since 1970.", format: "unixtime", examples: [1794733530] }),
  metadata: z.record(z.string(), z.string()).meta({ description: "Up to 16 pairs.", examples: [{ channel: "web" }] }),
});

const page = z.object({
  data: z.array(conversation),
  first_id: z.string().optional().meta({ description: "The first id in `data`; absent when `data` is empty." }),
  last_id: z.string().optional().meta({ description: "The last id in `data`; absent when `data` is empty." }),
  has_more: z.boolean().meta({ description: "Whether more follow; with `before` alone, whether more precede." }),
});

const error = z.object({
  error: z.object({
    message: z.string(),
    type: z.enum(["invalid_request_error", "server_error"]),
    param: z.string().nullable().meta({ description: "The parameter or header at fault." }),
    code: z
      .string()
      .nullable()
      .meta({ examples: ["integer_above_max_value"] }),
  }),
});

export type FoundryErrorBody = z.output<typeof error>;

/** Every member of what the list answers, by the names that the published document gives them. */
export const FOUNDRY_ANSWERS = { FoundryConversation: conversation, FoundryPage: page, FoundryError: error };
