import { expect } from "vitest";

import type { GraphQLAnswer } from "./graphql.ts";
import type { TestServer } from "./server.ts";

/** The older media type, and the one of the GraphQL over HTTP specification. */
export const LEGACY = "application/json";
export const STRICT = "application/graphql-response+json";
export const MEDIA_TYPES = [LEGACY, STRICT];

export interface Answer {
  status: number;
  headers: Headers;
  body: GraphQLAnswer;
}

/** Sends the request to the endpoint. The answer must be GraphQL's, whatever went wrong, and carry the request's id. */
export async function send(server: TestServer, accept: string, path: string, init: RequestInit = {}): Promise<Answer> {
  const headers = new Headers(init.headers);
  headers.set("accept", accept);
  const response = await fetch(`${server.origin}/graphql${path}`, { ...init, headers });
  const body = (await response.json()) as GraphQLAnswer;
  const requestId = response.headers.get("x-request-id");
  expect(requestId).toMatch(/^req_[0-9a-f]{32}$/);
  for (const { extensions } of body.errors ?? []) expect(extensions.requestId).toBe(requestId);
  return { status: response.status, headers: response.headers, body };
}

/** A POST of the value as JSON. */
export function json(body: unknown): RequestInit {
  return { method: "POST", headers: { "content-type": LEGACY }, body: JSON.stringify(body) };
}
