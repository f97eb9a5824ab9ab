import SchemaBuilder from "@pothos/core";
import ComplexityPlugin from "@pothos/plugin-complexity";
import RelayPlugin from "@pothos/plugin-relay";

import type { JsonObject } from "../../model/json.ts";
import type { Context } from "./context.ts";

/** The builder of every type of the schema. Ids are the stored ones, the same on every surface. */
export const builder = new SchemaBuilder<{
  Context: Context;
  DefaultFieldNullability: false;
  DefaultInputFieldRequiredness: false;
  DefaultNodeNullability: false;
  DefaultEdgesNullability: false;
  Scalars: {
    ID: { Input: string; Output: string };
    DateTime: { Input: Date; Output: Date };
    JSONObject: { Input: JsonObject; Output: JsonObject };
    Metadata: { Input: Record<string, string>; Output: Record<string, string> };
  };
}>({
  plugins: [RelayPlugin, ComplexityPlugin],
  // Complexity here is the number of requested objects: only fields that return one or many declare theirs.
  complexity: { defaultComplexity: 0, defaultListMultiplier: 1 },
  defaultFieldNullability: false,
  relay: {
    cursorType: "String",
    clientMutationId: "omit",
    encodeGlobalID: (_typename, id) => String(id),
    // The fields node and nodes of Pothos' relay plugin are replaced: one unknown id fails them as a whole, and they
    // have no limit.
    nodeQueryOptions: false,
    nodesQueryOptions: false,
    nodeTypeOptions: { description: "An object that `node` finds by its id." },
    idFieldOptions: {
      description: "Names the object within its project. The same on every surface, never reused.",
    },
    pageInfoTypeOptions: { description: "A page's place in its list." },
    hasNextPageFieldOptions: {
      description: "Whether rows follow the page. With `first`, only rows before `before` count.",
    },
    hasPreviousPageFieldOptions: {
      description: "Whether rows precede the page. With `last`, only rows after `after` count.",
    },
    startCursorFieldOptions: { description: "The cursor of the page's first edge; null on an empty page." },
    endCursorFieldOptions: { description: "The cursor of the page's last edge; null on an empty page." },
    firstArgOptions: {
      description:
        "The page's size from the front of the window: 1 to 100. 20 when neither `first` nor `last` is given.",
    },
    lastArgOptions: { description: "The page's size from the end of the window: 1 to 100. Not with `first`." },
    afterArgOptions: { description: "Only rows after this cursor. A cursor outlives its row." },
    beforeArgOptions: { description: "Only rows before this cursor. With `after` it bounds a window." },
    edgesFieldOptions: { description: "The page's rows, each with its cursor." },
    cursorFieldOptions: { description: "The row's place in this order; opaque." },
    nodeFieldOptions: { description: "The row itself." },
    pageInfoFieldOptions: { description: "The page's place in the list." },
    nodesOnConnection: { description: "The page's rows without their cursors." },
    defaultConnectionTypeOptions: { description: "A page of a list." },
    defaultEdgeTypeOptions: { description: "A row of a page." },
  },
});
