import { expect } from "vitest";

import type { TestServer } from "./server.ts";

export interface GraphQLAnswer {
  // The tests look into answers of any document.
  // biome-ignore lint/suspicious/noExplicitAny: the shape is what each test asserts
  data?: any;
  errors?: { message: string; path?: (string | number)[]; extensions: Record<string, unknown> }[];
}

/** Sends a document as a client would, and resolves to the answer, errors included. */
export async function post(
  server: Pick<TestServer, "origin">,
  query: string,
  variables: Record<string, unknown> = {},
  headers: Record<string, string> = {},
): Promise<GraphQLAnswer> {
  const response = await fetch(`${server.origin}/graphql`, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: JSON.stringify({ query, variables }),
  });
  return (await response.json()) as GraphQLAnswer;
}

/** The data of a document that must succeed; a failure shows the request. */
// biome-ignore lint/suspicious/noExplicitAny: the shape is what each test asserts
export async function ask(...request: Parameters<typeof post>): Promise<any> {
  const answer = await post(...request);
  expect(answer.errors, `${request[1]}\n${JSON.stringify(request[2])}`).toBeUndefined();
  return answer.data;
}
