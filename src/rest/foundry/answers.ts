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

const deleted = z.object({
  id: z.string().meta({ description: "The id that the conversation had." }),
  object: z.literal("conversation.deleted"),
  deleted: z.literal(true),
});

const item = z
  .looseObject({
    id: z.string().meta({ examples: ["msg_464a4b2388dbc9c04082c6d7f3347459"] }),
    type: z.string().meta({ description: "Any type, known to this server or not.", examples: ["message"] }),
  })
  .meta({ description: "An item with every member that was sent." });

const items = z.object({
  object: z.literal("list"),
  data: z.array(item),
  first_id: z.string().nullable().meta({ description: "The first id in `data`; null when `data` is empty." }),
  last_id: z.string().nullable().meta({ description: "The last id in `data`; null when `data` is empty." }),
  has_more: z.boolean().meta({ description: "Whether more follow; with `before` alone, whether more precede." }),
});

const metadata = z
  .record(z.string(), z.string().max(512))
  .meta({ description: "Up to 16 pairs, of keys of up to 64 characters.", examples: [{ channel: "web" }] });
const newItem = z
  .looseObject({})
  .meta({ description: "An item, or a reference to one: `type`, or `role` and `content`." });
const newConversation = z.object({
  metadata: metadata.nullable().optional(),
  items: z.array(newItem).nullable().optional(),
});
const newMetadata = z.object({ metadata });
const newItems = z.object({ items: z.array(newItem) });

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

/** Every member of what the API answers, by the names that the published document gives them. */
export const FOUNDRY_ANSWERS = {
  FoundryConversation: conversation,
  FoundryPage: page,
  FoundryDeleted: deleted,
  FoundryItem: item,
  FoundryItems: items,
  FoundryError: error,
};

/** The bodies of its calls, by the same names. */
export const FOUNDRY_BODIES = {
  FoundryNewConversation: newConversation,
  FoundryNewMetadata: newMetadata,
  FoundryNewItems: newItems,
};
