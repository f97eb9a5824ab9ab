import type { FunctionCallFragment, FunctionResponseFragment, TextFragment } from "../../model/message-fragment.ts";
import { builder } from "./builder.ts";

export const FragmentState = builder.enumType("FragmentState", {
  description: "Whether a text fragment is complete.",
  values: {
    IN_PROGRESS: {
      value: "in-progress",
      description: "Still streaming; or, in a turn that is not, cut off when the turn ended.",
    },
    DONE: { value: "done", description: "Complete." },
  },
});

const metadata = "What user or agent attached to the fragment; null when nothing is.";

const TextFragmentType = builder.objectRef<TextFragment>("TextFragment").implement({
  description: "Words that were said.",
  fields: (t) => ({
    content: t.exposeString("content", { description: "The text, as it was given." }),
    state: t.expose("state", { type: FragmentState, description: "Whether the text is complete." }),
    metadata: t.expose("metadata", { type: "JSONObject", nullable: true, description: metadata }),
  }),
});

const FunctionCallFragmentType = builder.objectRef<FunctionCallFragment>("FunctionCallFragment").implement({
  description: "A call of a function that the agent asked for.",
  fields: (t) => ({
    name: t.exposeString("name", { description: "The function that was called." }),
    args: t.expose("args", { type: "JSONObject", description: "The arguments of the call, however deep." }),
    metadata: t.expose("metadata", { type: "JSONObject", nullable: true, description: metadata }),
  }),
});

const FunctionResponseFragmentType = builder.objectRef<FunctionResponseFragment>("FunctionResponseFragment").implement({
  description: "What a called function gave back.",
  fields: (t) => ({
    name: t.exposeString("name", { description: "The function that was called." }),
    response: t.exposeString("response", {
      description: "The function's result to the byte. Often JSON text, never parsed.",
    }),
    failed: t.exposeBoolean("failed", { description: "Whether the call failed." }),
    metadata: t.expose("metadata", { type: "JSONObject", nullable: true, description: metadata }),
  }),
});

/** The type of each kind of fragment. */
export const FRAGMENT_TYPES = {
  text: "TextFragment",
  functionCall: "FunctionCallFragment",
  functionResponse: "FunctionResponseFragment",
} as const;

export const MessageFragmentType = builder.unionType("MessageFragment", {
  description: "A piece of a turn. A turn can mix them: an agent says something, calls a function, reads its response.",
  types: [TextFragmentType, FunctionCallFragmentType, FunctionResponseFragmentType],
  resolveType: (fragment) => FRAGMENT_TYPES[fragment.kind],
});
