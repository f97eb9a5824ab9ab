import { z } from "zod";
import { type BrokenRule, brokenRule, integer, type ParameterErrors, readQuery, storableText } from "../parameters.ts";
import { FoundryError } from "./errors.ts";

/** The documented parameters of the list, in the order in which they are checked. */
export const FOUNDRY_QUERY = z.object({
  limit: integer(1, 100).default(20).meta({ description: "How many conversations the page may have." }),
  order: z.enum(["asc", "desc"]).default("desc").meta({ description: "The order by the time of creation." }),
  after: z.string().optional().meta({
    description: "The id of a conversation: the page is what follows it in the order.",
  }),
  before: z.string().optional().meta({
    description:
      "The id of a conversation: the page is what directly precedes it, still in the order. With `after`, a bound of the page where it lies behind `after`, and ignored otherwise.",
  }),
  agent_name: storableText().optional().meta({ description: "Only conversations with this agent, in any version." }),
  agent_id: storableText().optional().meta({
    description: "Only conversations with this agent in this version, as `name:version`; without a colon it is a name.",
  }),
});

/** The documented words for what is wrong with a parameter. */
export const FOUNDRY_PARAMETER_ERRORS: ParameterErrors = {
  duplicate: (name) =>
    new FoundryError(400, "duplicate_parameter", name, `Duplicate parameter: '${name}' may be given only once.`),
  broken: (name, text, rule) => {
    const error = documentedError(name, text, rule);
    return error === null ? brokenRule(name, text, rule) : new FoundryError(400, error.code, name, error.message);
  },
};

/** The parameters of a request. Throws a FoundryError for the first that breaks its rule. */
export function readFoundryParameters(query: URLSearchParams) {
  return readQuery(FOUNDRY_QUERY, query, FOUNDRY_PARAMETER_ERRORS);
}

function documentedError(name: string, text: string, rule: BrokenRule): { code: string; message: string } | null {
  switch (rule.code) {
    case "invalid_type":
      return {
        code: "invalid_type",
        message: `Invalid type for '${name}': expected an integer, but got a string instead.`,
      };
    case "too_big":
      return {
        code: "integer_above_max_value",
        message: `Invalid '${name}': integer above maximum value. Expected a value <= ${rule.maximum}, but got ${BigInt(text)} instead.`,
      };
    case "too_small":
      return {
        code: "integer_below_min_value",
        message: `Invalid '${name}': integer below minimum value. Expected a value >= ${rule.minimum}, but got ${BigInt(text)} instead.`,
      };
    case "invalid_value": {
      const supported = rule.values.map((value) => `'${String(value)}'`).join(" and ");
      return { code: "invalid_value", message: `Invalid value: '${text}'. Supported values are: ${supported}.` };
    }
    default:
      return null;
  }
}
