import { z } from "zod";

import type { Answer } from "../http/answer.ts";
import { ApiError, badInput, databaseAway, toApiError } from "../model/errors.ts";

// What all lists have in common in the published document. The rest stands with each dialect.

/** A status with its meaning, and an error that has it. */
interface ErrorStatus {
  description: string;
  example: Error;
}

const STATUSES: Record<number, ErrorStatus> = {
  400: {
    description: "A parameter or a header breaks its rule, or is missing.",
    example: badInput("limit", "limit is not a whole number from 1 to 100."),
  },
  401: {
    description:
      "No key was sent, or none that is valid, or one that has expired. Never before the first key was created.",
    example: new ApiError("UNAUTHENTICATED", "The key is not valid."),
  },
  403: {
    description:
      "The key may only read, or is another user's than the header names. Before the first key was created: the host is not a loopback one.",
    example: new ApiError(
      "FORBIDDEN",
      "Without keys this server answers only under a loopback host, such as localhost.",
    ),
  },
  500: {
    description: "Something went wrong. The server's log has the cause under the id in `x-request-id`.",
    example: toApiError(new Error()),
  },
  503: {
    description: "The database is away. Try again after `retry-after` seconds.",
    example: databaseAway(),
  },
  504: {
    description: "The database took too long.",
    example: new ApiError("TIMEOUT", "The statement took too long and was cancelled."),
  },
};

/** The errors of a list: the schema of their envelope, and what makes it. */
interface Errors {
  schema: string;
  mediaType: string;
  fail(error: unknown): Answer;
  /** Statuses that the other lists do not have. */
  more?: Record<number, ErrorStatus>;
}

const REQUEST_ID = { $ref: "#/components/headers/RequestId" };

/** The answers of an operation: 200 with the schema, and each error as the dialect words it. */
export function toResponses(
  schema: string,
  { schema: error, mediaType, fail, more = {} }: Errors,
  success = "A page of the list.",
): Record<string, { headers: object }> {
  const answer = (description: string, schema: string, type: string, headers: object = {}, example: object = {}) => ({
    description,
    headers: { "x-request-id": REQUEST_ID, ...headers },
    content: { [type]: { schema: { $ref: `#/components/schemas/${schema}` }, ...example } },
  });
  const errors = Object.entries({ ...STATUSES, ...more }).map(([status, { description, example }]) => {
    const headers = {
      ...(status === "401" && { "www-authenticate": { schema: { type: "string", const: "Bearer" } } }),
      ...(status === "503" && { "retry-after": { schema: { type: "integer" } } }),
    };
    return [
      status,
      answer(description, error, mediaType, headers, { example: JSON.parse(String(fail(example).body)) }),
    ];
  });
  return { 200: answer(success, schema, "application/json"), ...Object.fromEntries(errors) };
}

/** The rules of parameters as the document shows them: what checks a request is what is published. */
export function toParameters(rules: z.ZodObject, place: "query" | "path"): object[] {
  return Object.entries(rules.shape).map(([name, rule]) => {
    const { description, examples, ...schema } = toSchema(rule);
    const example = Array.isArray(examples) ? { example: examples[0] } : {};
    return { name, in: place, required: place === "path", description, ...example, schema };
  });
}

/** The parameters that every list takes in headers. */
export const HEADER_PARAMETERS = ["IsolationKey", "Identity", "ConsistencyToken"].map((name) => ({
  $ref: `#/components/parameters/${name}`,
}));

/** The schemas of answers by name; where one holds another, it refers to it. */
export function toSchemas(answers: Record<string, z.ZodType>): Record<string, object> {
  const registry = z.registry<{ id: string }>();
  for (const [id, schema] of Object.entries(answers)) registry.add(schema, { id });
  const uri = (id: string) => `#/components/schemas/${id}`;
  const { schemas } = z.toJSONSchema(registry, { uri, metadata: z.globalRegistry, override: forgetSafeBounds });
  return Object.fromEntries(Object.entries(schemas).map(([id, { $schema, $id, ...schema }]) => [id, schema]));
}

function toSchema(rule: z.core.$ZodType): z.core.JSONSchema.BaseSchema {
  const { $schema, ...schema } = z.toJSONSchema(rule, { override: forgetSafeBounds });
  return schema;
}

// Zod publishes the bounds of safe integers for every integer, which say nothing about ours.
function forgetSafeBounds({ jsonSchema }: { jsonSchema: z.core.JSONSchema.BaseSchema }): void {
  if (jsonSchema.minimum === Number.MIN_SAFE_INTEGER) delete jsonSchema.minimum;
  if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum;
}
