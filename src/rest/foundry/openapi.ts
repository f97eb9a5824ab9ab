import { ApiError, BodyTooLarge } from "../../model/errors.ts";
import { HEADER_PARAMETERS, toParameters, toResponses } from "../openapi-parts.ts";
import { INCLUDABLES, ITEMS_QUERY } from "./conversations/parameters.ts";
import { conversationNotFound, FoundryError, foundryErrorAnswer } from "./errors.ts";
import { FOUNDRY_QUERY } from "./parameters.ts";

/** The heading of the API in the published document. */
export const FOUNDRY_TAG = {
  name: "Foundry",
  description:
    "OpenAI's Conversations API, and the list of Azure AI Foundry: cursor pages of conversations without their turns.",
};

const [PROJECT, AGENT, CONVERSATION, ITEM] = [
  ["project", "The project that the key opens.", "default"],
  ["agent", "The agent, as `name` or `name:version`: other agents' conversations are unknown here.", "support-agent:2"],
  ["conversation", "The id of a conversation.", "conv_464a4b2388dbc9c04082c6d7f3347459"],
  ["item", "The id of an item.", "msg_464a4b2388dbc9c04082c6d7f3347459"],
].map(([name, description, example]) => {
  return { name, in: "path", required: true, description, example, schema: { type: "string" } };
});

/** Each base of the API's URLs, with what it adds to the names of operations, and its parameters. */
const MOUNTS = [
  ["/openai/v1", ["", ""], []],
  ["/openai", ["", "Azure"], []],
  ["/api/projects/{project}/openai/v1", ["Project", ""], [PROJECT]],
  ["/api/projects/{project}/openai", ["Project", "Azure"], [PROJECT]],
  ["/api/projects/{project}/agents/{agent}/endpoint/protocols/openai", ["AgentEndpoint", ""], [PROJECT, AGENT]],
] as const;

const INCLUDE = {
  name: "include",
  in: "query",
  description: "Repeated, or as `include[]`. What is stored is answered whole: known values change nothing.",
  schema: { type: "array", items: { type: "string", enum: INCLUDABLES } },
};
const IDEMPOTENCY_KEY = { $ref: "#/components/parameters/IdempotencyKey" };
const NO_CONVERSATION = "There is no such conversation that the caller may see, or the key does not open the project.";
const NO_ITEM = "There is no such conversation or item that the caller may see, or the key does not open the project.";

interface Described {
  method: "get" | "post" | "delete";
  id: string;
  summary: string;
  schema: string;
  parameters?: readonly unknown[];
  /** The schema of the body; undefined for none. */
  body?: string;
  errors: Record<number, string>;
}

const WRITE_ERRORS = { 413: "The body is too large.", 415: "The body is not JSON." };
const CONFLICT = { 409: "The key was used for another call." };

const OPERATIONS: [path: string, parameters: readonly unknown[], operations: Described[]][] = [
  [
    "/conversations",
    [],
    [
      {
        method: "get",
        id: "listConversations",
        summary: "The conversations of the caller's project",
        schema: "FoundryPage",
        parameters: toParameters(FOUNDRY_QUERY, "query"),
        errors: {
          404: "`after` or `before` names no conversation that the caller may see, or the key does not open the project.",
        },
      },
      {
        method: "post",
        id: "createConversation",
        summary: "Stores a conversation, with its first items",
        schema: "FoundryConversation",
        parameters: [IDEMPOTENCY_KEY],
        body: "FoundryNewConversation",
        errors: {
          404: "A reference names no item, or the key does not open the project.",
          ...CONFLICT,
          ...WRITE_ERRORS,
        },
      },
    ],
  ],
  [
    "/conversations/{conversation}",
    [CONVERSATION],
    [
      {
        method: "get",
        id: "getConversation",
        summary: "A conversation",
        schema: "FoundryConversation",
        errors: { 404: NO_CONVERSATION },
      },
      {
        method: "post",
        id: "updateConversation",
        summary: "Replaces a conversation's metadata",
        schema: "FoundryConversation",
        body: "FoundryNewMetadata",
        errors: { 404: NO_CONVERSATION, ...WRITE_ERRORS },
      },
      {
        method: "delete",
        id: "deleteConversation",
        summary: "Deletes a conversation with its turns and items",
        schema: "FoundryDeleted",
        errors: { 404: NO_CONVERSATION },
      },
    ],
  ],
  [
    "/conversations/{conversation}/items",
    [CONVERSATION],
    [
      {
        method: "get",
        id: "listItems",
        summary: "A conversation's items",
        schema: "FoundryItems",
        parameters: [...toParameters(ITEMS_QUERY, "query"), INCLUDE],
        errors: { 404: NO_ITEM },
      },
      {
        method: "post",
        id: "createItems",
        summary: "Appends items to a conversation",
        schema: "FoundryItems",
        parameters: [INCLUDE, IDEMPOTENCY_KEY],
        body: "FoundryNewItems",
        errors: { 404: NO_ITEM, ...CONFLICT, ...WRITE_ERRORS },
      },
    ],
  ],
  [
    "/conversations/{conversation}/items/{item}",
    [CONVERSATION, ITEM],
    [
      {
        method: "get",
        id: "getItem",
        summary: "An item",
        schema: "FoundryItem",
        parameters: [INCLUDE],
        errors: { 404: NO_ITEM },
      },
      {
        method: "delete",
        id: "deleteItem",
        summary: "Deletes an item, and what its turn says by it",
        schema: "FoundryConversation",
        errors: { 404: NO_ITEM, 409: "The turn of the item is still in progress." },
      },
    ],
  ],
];

/** The API's paths in the published document. */
export function foundryPaths(): object {
  const paths = MOUNTS.flatMap(([base, mount, ofMount]) =>
    OPERATIONS.map(([path, ofPath, operations]) => {
      const described = operations.map((one) => [one.method, toOperation(one, mount, [...ofMount, ...ofPath])]);
      return [base + path, Object.fromEntries(described)];
    }),
  );
  return Object.fromEntries(paths);
}

function toOperation(
  { id, summary, schema, parameters = [], body, errors }: Described,
  [owner, suffix]: readonly [owner: string, suffix: string],
  path: readonly unknown[],
) {
  const content = { "application/json": { schema: { $ref: `#/components/schemas/${body}` } } };
  return {
    operationId: id.replace(/[A-Z]/, (noun) => owner + noun) + suffix,
    summary,
    tags: [FOUNDRY_TAG.name],
    parameters: [...path, ...parameters, ...HEADER_PARAMETERS],
    ...(body !== undefined && { requestBody: { content } }),
    responses: toResponses(
      schema,
      { schema: "FoundryError", mediaType: "application/json", fail: foundryErrorAnswer, more: withExamples(errors) },
      "What was asked for.",
    ),
  };
}

const EXAMPLES: Record<string, Error> = {
  404: conversationNotFound(null, "conv_464a4b2388dbc9c04082c6d7f3347459"),
  409: new FoundryError(409, null, null, "This idempotency key was used with another input."),
  413: new BodyTooLarge(16_777_216),
  415: new ApiError("UNSUPPORTED_MEDIA_TYPE", "The body must be JSON, with the content type application/json."),
};

function withExamples(errors: Described["errors"]): Record<number, { description: string; example: Error }> {
  const described = Object.entries(errors).map(([status, description]) => {
    return [status, { description, example: EXAMPLES[status] ?? new Error() }];
  });
  return Object.fromEntries(described);
}
