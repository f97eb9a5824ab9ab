import { z } from "zod";

import { badInput } from "../../model/errors.ts";
import { MAX_OFFSET } from "../../model/rules.ts";
import { brokenRule, integer, type ParameterErrors, readParameters, readQuery, storableText } from "../parameters.ts";

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

/** The parameters in the path of one conversation. */
export const FIXIE_CONVERSATION_PATH = z.object({
  agentId: storableText().meta({
    description: "The conversation's agent: its name for any version, or `name:version`.",
    examples: ["support-agent:2"],
  }),
  conversationId: storableText().meta({
    description: "The conversation's id.",
    examples: ["conv_a55e7bc57264d79155cb67c8db9ddca9"],
  }),
});

/** The words for what is wrong with a parameter; the documents have none. */
const FIXIE_PARAMETER_ERRORS: ParameterErrors = {
  duplicate: (name) => badInput(name, `The parameter '${name}' may be given only once.`),
  broken: brokenRule,
};

/** The parameters of a request. Throws BAD_USER_INPUT for the first that breaks its rule. */
export function readFixieParameters(agentId: string, query: URLSearchParams) {
  return {
    ...readQuery(FIXIE_QUERY, query, FIXIE_PARAMETER_ERRORS),
    ...readParameters(FIXIE_PATH, { agentId }, FIXIE_PARAMETER_ERRORS),
  };
}

/** The parameters of a request for one conversation. Throws BAD_USER_INPUT for the first that breaks its rule. */
export function readConversationPath(agentId: string, conversationId: string) {
  return readParameters(FIXIE_CONVERSATION_PATH, { agentId, conversationId }, FIXIE_PARAMETER_ERRORS);
}
