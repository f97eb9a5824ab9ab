import { z } from "zod";

import { integer, readQuery, storableText } from "../../parameters.ts";
import { FoundryError } from "../errors.ts";
import { FOUNDRY_PARAMETER_ERRORS } from "../parameters.ts";

/** The documented parameters of the list of items, in the order in which they are checked. */
export const ITEMS_QUERY = z.object({
  limit: integer(1, 100).default(20).meta({ description: "How many items the page may have." }),
  order: z.enum(["asc", "desc"]).default("desc").meta({ description: "The order in which the items were added." }),
  after: z.string().optional().meta({ description: "The id of an item: the page is what follows it in the order." }),
  before: z.string().optional().meta({
    description:
      "The id of an item: the page is what directly precedes it, still in the order. With `after`, a bound of the page where it lies behind `after`, and ignored otherwise.",
  }),
  item_type: storableText().optional().meta({ description: "Only items of this type." }),
});

/** The values of `include` that the service documents. What is stored is answered whole, so that they change nothing. */
export const INCLUDABLES = [
  "code_interpreter_call.outputs",
  "computer_call_output.output.image_url",
  "file_search_call.results",
  "message.input_image.image_url",
  "message.output_text.logprobs",
  "reasoning.encrypted_content",
  "web_search_call.action.sources",
  "web_search_call.results",
] as const;

const KNOWN: ReadonlySet<string> = new Set(INCLUDABLES);

/** Throws a FoundryError for a value of `include` that is not documented. It may be repeated, and be spelled `include[]`. */
export function checkInclude(query: URLSearchParams): void {
  const given = [...query.getAll("include"), ...query.getAll("include[]")];
  const unknown = given.find((value) => !KNOWN.has(value));
  if (unknown === undefined) return;
  const message = `Invalid type for 'include': expected an array of known values, but got '${unknown}' instead.`;
  throw new FoundryError(400, "invalid_type", "include", message);
}

/** The parameters of a request for the list of items. Throws a FoundryError for the first that breaks its rule. */
export function readItemsParameters(query: URLSearchParams) {
  checkInclude(query);
  return readQuery(ITEMS_QUERY, query, FOUNDRY_PARAMETER_ERRORS);
}
