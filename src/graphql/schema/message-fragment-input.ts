import { badInput } from "../../model/errors.ts";
import { FRAGMENT_KINDS, fragmentKeys, type MessageFragment } from "../../model/message-fragment.ts";
import { builder } from "./builder.ts";
import { FragmentState } from "./message-fragment.ts";

const metadata = "Any JSON object to attach to the fragment; none when left out.";

const TextFragmentInput = builder.inputType("TextFragmentInput", {
  description: "A piece of text to store.",
  fields: (t) => ({
    content: t.string({ required: true, description: "The text. Unicode without NUL characters." }),
    state: t.field({
      type: FragmentState,
      required: true,
      defaultValue: "done",
      description: "IN_PROGRESS where `appendText` is to continue it.",
    }),
    metadata: t.field({ type: "JSONObject", description: metadata }),
  }),
});

const FunctionCallFragmentInput = builder.inputType("FunctionCallFragmentInput", {
  description: "A function call to store.",
  fields: (t) => ({
    name: t.string({ required: true, description: "The function that is called." }),
    args: t.field({ type: "JSONObject", required: true, description: "The arguments of the call." }),
    metadata: t.field({ type: "JSONObject", description: metadata }),
  }),
});

const FunctionResponseFragmentInput = builder.inputType("FunctionResponseFragmentInput", {
  description: "A function's response to store.",
  fields: (t) => ({
    name: t.string({ required: true, description: "The function that was called." }),
    response: t.string({ required: true, description: "The result. It is kept to the byte." }),
    failed: t.boolean({ required: true, defaultValue: false, description: "Whether the call failed." }),
    metadata: t.field({ type: "JSONObject", description: metadata }),
  }),
});

export const MessageFragmentInput = builder.inputType("MessageFragmentInput", {
  description: "A piece of a turn to store: exactly one of the three.",
  isOneOf: true,
  fields: (t) => ({
    text: t.field({ type: TextFragmentInput, description: "A piece of text." }),
    functionCall: t.field({ type: FunctionCallFragmentInput, description: "A function call." }),
    functionResponse: t.field({ type: FunctionResponseFragmentInput, description: "A function's response." }),
  }),
});

/**
 * The fragments in the stored form: `kind` first, `metadata` only when it is given. Throws BAD_USER_INPUT, naming the
 * argument, for a fragment that breaks a rule.
 */
export function toFragments(
  argument: string,
  inputs: readonly (typeof MessageFragmentInput.$inferInput)[],
): MessageFragment[] {
  return inputs.map((input, index) => toFragment(`${argument}.${index}`, input));
}

function toFragment(argument: string, input: typeof MessageFragmentInput.$inferInput): MessageFragment {
  const kind = FRAGMENT_KINDS.find((candidate) => input[candidate]);
  if (kind === undefined) {
    throw badInput(argument, "A fragment is exactly one of `text`, `functionCall` and `functionResponse`.");
  }
  const given = new Map(Object.entries(input[kind] ?? {}));
  const values = fragmentKeys(kind).map(([key]) => [key, given.get(key)] as const);
  // Safe cast: GraphQL has checked the input of this kind, whose fields are its keys.
  return { kind, ...Object.fromEntries(values.filter(([, value]) => value != null)) } as MessageFragment;
}
