import { type JsonObject, parseJson } from "../../model/json.ts";
import { lazyConnection } from "../../relay/connection.ts";
import type { Ordering } from "../../relay/ordering.ts";
import { type Page, type PageArguments, parsePage } from "../../relay/page.ts";
import { selectOnce } from "./argument-errors.ts";
import { builder } from "./builder.ts";
import { pageComplexity } from "./context.ts";
import { checkText } from "./input-rules.ts";
import { type ItemRow, itemKey } from "./item-loaders.ts";
import { ConversationRef, TurnRef } from "./refs.ts";

const AS_SENT: Ordering = { field: "PLACE", direction: "ASC" };

const ItemType = builder.objectRef<ItemRow>("ConversationItem").implement({
  description:
    "An item of OpenAI's Conversations API: a message, a call, the output of one, or of any other type. Items that were sent are kept as they came; those of turns that were written otherwise are made of their fragments. A value that `node` does not find.",
  fields: (t) => ({
    id: t.exposeID("id", { description: "Names the item within its conversation." }),
    type: t.exposeString("type", { description: "What the item is: `message`, `function_call`, …" }),
    role: t.string({
      nullable: true,
      description: "The role of a message: `user`, `assistant`, `system` or `developer`; null for any other item.",
      resolve: (item) => textIn(item, "role"),
    }),
    status: t.string({
      nullable: true,
      description: "How far the item has come: `completed`, `in_progress`, `incomplete`; null where it does not say.",
      resolve: (item) => textIn(item, "status"),
    }),
    turn: t.field({
      type: TurnRef,
      complexity: 1,
      nullable: true,
      description: "The turn that the item belongs to; null for the message of a system or a developer.",
      resolve: async (item, _args, { loaders }) => {
        const id = await loaders.items.turnIdOf(item);
        const turn = id === null ? null : await loaders.node.load(id);
        return turn?.kind === "turn" ? turn : null;
      },
    }),
    json: t.field({ type: "JSONObject", description: "The item as it is stored.", resolve: readJson }),
  }),
});

// An item may be megabytes long, and several of its fields look into it.
const values = new WeakMap<ItemRow, JsonObject>();

function readJson(item: ItemRow): JsonObject {
  const known = values.get(item);
  if (known !== undefined) return known;
  // Safe cast: a CHECK constraint lets only objects in.
  const value = parseJson(item.json) as JsonObject;
  values.set(item, value);
  return value;
}

function textIn(item: ItemRow, name: string): string | null {
  const { [name]: text } = readJson(item);
  return typeof text === "string" ? text : null;
}

interface ItemsArguments extends PageArguments {
  type?: string | null | undefined;
}

/** The page of items that the arguments request. Throws as `parsePage` does, and for a type that cannot be stored. */
function selectItems(
  { type = null, ...args }: ItemsArguments,
  maxPageSize: number,
): { page: Page; type: string | null } {
  checkText("type", type);
  return { page: parsePage(args, AS_SENT, maxPageSize), type };
}

const selectEach = selectOnce(selectItems);

builder.objectField(ConversationRef, "items", (t) =>
  t.connection(
    {
      type: ItemType,
      complexity: pageComplexity,
      description:
        "The conversation's items, oldest first. A page ends early once it has 8 MB, unless the server is set otherwise, and says so in `hasNextPage`, or in `hasPreviousPage` with `last`; one item always comes. Costs a statement for each conversation.",
      args: {
        type: t.arg.string({ description: "Only items of this type, such as `message`; all items when left out." }),
      },
      resolve: ({ id }, args, { loaders, maxPageSize }, info) => {
        const { page, type } = selectEach(args, maxPageSize, info);
        return lazyConnection(page, itemKey, () => loaders.items.itemPage(id, page, type));
      },
    },
    { name: "ConversationItemConnection", description: "A page of a conversation's items." },
    { name: "ConversationItemEdge", description: "An item and its place in the list." },
  ),
);

// How many items of a turn count for the limit on a document: more than most turns have.
const COUNTED_ITEMS = 10;

builder.objectField(TurnRef, "items", (t) =>
  t.field({
    type: [ItemType],
    complexity: { field: COUNTED_ITEMS, multiplier: COUNTED_ITEMS },
    description:
      "The items that the turn was made of, in their order; made of its fragments where it was written otherwise. All items of an answer have up to 16 MB together, unless the server is set otherwise; more is LIMIT_EXCEEDED. Counts as ten objects.",
    resolve: (turn, _args, { loaders }) => loaders.items.turnItems(turn),
  }),
);
