import {
  callIdOf,
  type FunctionCallFragment,
  type FunctionResponseFragment,
  type TextFragment,
} from "../../model/message-fragment.ts";
import { builder } from "./builder.ts";
import { source } from "./field-source.ts";

export const FragmentState = builder.enumType("FragmentState", {
  description: "Whether a text fragment is complete.",
  values: {
    IN_PROGRESS: {
      value: "in-progress",
      description: "Still streaming. In a final turn: cut off when the turn ended.",
    },
    DONE: { value: "done", description: "Complete." },
  },
});

const metadata = "Any JSON object that was attached to the fragment; null when none was.";

const callId =
  "The id by which a call and its response belong together: `metadata.callId`. null when unknown, which is when that is missing, empty or no string.";
const CALL_ID_SOURCE = source({ from: "columns", columns: ["metadata"] });

const TextFragmentType = builder.objectRef<TextFragment>("TextFragment").implement({
  description: "A piece of text in a turn.",
  fields: (t) => ({
    content: t.exposeString("content", { description: "The text as it was given: Unicode without NUL characters." }),
    state: t.expose("state", { type: FragmentState, description: "Whether the text is complete." }),
    metadata: t.expose("metadata", { type: "JSONObject", nullable: true, description: metadata }),
  }),
});

const FunctionCallFragmentType = builder.objectRef<FunctionCallFragment>("FunctionCallFragment").implement({
  description: "A function call that the agent asked for.",
  fields: (t) => ({
    name: t.exposeString("name", { description: "The function that was called." }),
    args: t.expose("args", { type: "JSONObject", description: "The arguments of the call." }),
    callId: t.string({ nullable: true, description: callId, ...CALL_ID_SOURCE, resolve: callIdOf }),
    metadata: t.expose("metadata", { type: "JSONObject", nullable: true, description: metadata }),
  }),
});

const FunctionResponseFragmentType = builder.objectRef<FunctionResponseFragment>("FunctionResponseFragment").implement({
  description: "The response of a called function.",
  fields: (t) => ({
    name: t.exposeString("name", { description: "The function that was called." }),
    response: t.exposeString("response", {
      description: "The function's result to the byte. It may hold JSON, and is never parsed.",
    }),
    failed: t.exposeBoolean("failed", { description: "Whether the call failed." }),
    callId: t.string({ nullable: true, description: callId, ...CALL_ID_SOURCE, resolve: callIdOf }),
    metadata: t.expose("metadata", { type: "JSONObject", nullable: true, description: metadata }),
  }),
});

/** The object type of each kind of fragment. */
export const FRAGMENT_TYPES = {
  text: "TextFragment",
  functionCall: "FunctionCallFragment",
  functionResponse: "FunctionResponseFragment",
} as const;

export const MessageFragmentType = builder.unionType("MessageFragment", {
  description: "A piece of a turn. A turn may mix them: text, function calls, responses.",
  types: [TextFragmentType, FunctionCallFragmentType, FunctionResponseFragmentType],
  resolveType: (fragment) => FRAGMENT_TYPES[fragment.kind],
});
