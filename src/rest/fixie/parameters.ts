import { z } from "zod";

import { badInput } from "../../model/errors.ts";
import { MAX_OFFSET } from "../../model/rules.ts";
import { brokenRule, integer, type ParameterErrors, storableText } from "../parameters.ts";

/** The documented parameters of the query, in the order in which they are checked. */
export const FIXIE_QUERY = z.object({
  limit: integer(1, 100).default(100).meta({
    description: "How many conversations the page may have; it has as many while there are more.",
  }),
  offset: integer(0, MAX_OFFSET).default(0).meta({ description: "How many conversations to skip from the newest." }),
});

/** The parameter in the path. */
export const FIXIE_PATH = z.object({
  agentId: storableText().meta({
    description: "The agent: its name for any version, or `name:version`. An unknown one has an empty list.",
    examples: ["support-agent:2"],
  }),
});

/** The words for what is wrong with a parameter; the documents have none. */
export const FIXIE_PARAMETER_ERRORS: ParameterErrors = {
  duplicate: (name) => badInput(name, `The parameter '${name}' may be given only once.`),
  broken: brokenRule,
};
