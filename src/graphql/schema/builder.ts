import SchemaBuilder from "@pothos/core";
import ComplexityPlugin from "@pothos/plugin-complexity";
import RelayPlugin from "@pothos/plugin-relay";

import type { JsonObject } from "../../model/json.ts";
import type { Context } from "./context.ts";

/** The builder that every type of the schema is made with. Ids are the stored ones: the same on every surface. */
export const builder = new SchemaBuilder<{
  Context: Context;
  DefaultFieldNullability: false;
  DefaultInputFieldRequiredness: false;
  DefaultNodeNullability: false;
  DefaultEdgesNullability: false;
  Connection: { countAll: () => Promise<number> };
  Scalars: {
    ID: { Input: string; Output: string };
    DateTime: { Input: Date; Output: Date };
    JSONObject: { Input: JsonObject; Output: JsonObject };
    Metadata: { Input: Record<string, string>; Output: Record<string, string> };
  };
}>({
  plugins: [RelayPlugin, ComplexityPlugin],
  // Complexity here is the number of objects asked for: only fields that give one or many say so themselves.
  complexity: { defaultComplexity: 0, defaultListMultiplier: 1 },
  defaultFieldNullability: false,
  relay: {
    cursorType: "String",
    clientMutationId: "omit",
    encodeGlobalID: (_typename, id) => String(id),
    // The plugin's own node and nodes fields are replaced: they fail as a whole over one unknown id, and have no limit.
    nodeQueryOptions: false,
    nodesQueryOptions: false,
    nodeTypeOptions: { description: "An object that `node` finds again by its id." },
    idFieldOptions: {
      description: "Names the object within its project; the same on every surface, and never reused.",
    },
    pageInfoTypeOptions: { description: "Where a page lies in its list." },
    hasNextPageFieldOptions: {
      description:
        "Going forward: whether the list (up to `before`) goes on after this page. Going backward: whether a row follows the page.",
    },
    hasPreviousPageFieldOptions: {
      description:
        "Going backward: whether the list (from `after`) goes on ahead of this page. Going forward: whether a row precedes the page.",
    },
    startCursorFieldOptions: { description: "The cursor of the page's first edge; null on an empty page." },
    endCursorFieldOptions: { description: "The cursor of the page's last edge; null on an empty page." },
    firstArgOptions: {
      description:
        "The page's size from the front of the window: 1 to 100. 20 when neither `first` nor `last` is given.",
    },
    lastArgOptions: { description: "The page's size from the end of the window: 1 to 100. Not with `first`." },
    afterArgOptions: { description: "Only what comes after this cursor. It goes on working when its row is deleted." },
    beforeArgOptions: { description: "Only what comes before this cursor. With `after` it bounds a window." },
    edgesFieldOptions: { description: "The page's rows, each with its cursor." },
    cursorFieldOptions: { description: "Marks the row's place in this order; opaque." },
    nodeFieldOptions: { description: "The row itself." },
    pageInfoFieldOptions: { description: "Where the page lies in the list." },
    nodesOnConnection: { description: "The page's rows without their cursors." },
    defaultConnectionTypeOptions: { description: "A page of a list." },
    defaultEdgeTypeOptions: { description: "A row of a page." },
  },
});
