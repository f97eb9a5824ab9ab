import { expect } from "vitest";

/** Stands in everything that the caller must not see. */
export const FOREIGN = "Foreign8W2z";

/** An answer as it came. */
export interface Seen {
  status: number;
  headers: Record<string, string>;
  body: string;
}

// biome-ignore lint/suspicious/noExplicitAny: the oracle is what checks the shape
type Json = any;

const CODES = new Set([
  "BAD_USER_INPUT",
  "NOT_FOUND",
  "CONFLICT",
  "UNAUTHENTICATED",
  "LIMIT_EXCEEDED",
  "METHOD_NOT_ALLOWED",
  "NOT_ACCEPTABLE",
  "UNSUPPORTED_MEDIA_TYPE",
  "MISSING_REQUIRED_HEADER",
  // Of GraphQL over HTTP itself.
  "BAD_REQUEST",
  "GRAPHQL_PARSE_FAILED",
  "GRAPHQL_VALIDATION_FAILED",
  "OPERATION_RESOLUTION_FAILURE",
]);

/** What holds of every answer whatever was asked: documented status, the surface's envelope, nothing of others. */
export function checkAnswer(
  surface: "graphql" | "foundry" | "fixie" | "unknown",
  seen: Seen,
  statuses: readonly number[],
) {
  expect(seen).toMatchObject({ status: expect.toBeOneOf([...statuses]) });
  expect(seen.body).not.toContain(FOREIGN);
  expect(seen.headers["x-request-id"]).toMatch(/^req_[0-9a-f]{32}$/);
  const type = seen.headers["content-type"] ?? "";
  const body: Json = JSON.parse(seen.body);
  switch (surface) {
    case "graphql":
      expect(type).toMatch(/^application\/(graphql-response\+)?json; charset=utf-8$/);
      checkGraphQL(seen, body);
      break;
    case "fixie":
      checkFixie(seen, type, body);
      break;
    default:
      expect(type).toBe("application/json; charset=utf-8");
      checkFoundry(seen, body);
  }
  return body;
}

function checkGraphQL({ status, headers }: Seen, body: Json) {
  expect(Object.keys(body).filter((key) => key !== "data" && key !== "errors")).toEqual([]);
  if (status !== 200) expect(body).not.toHaveProperty("data");
  if (status === 200) expect(body).toHaveProperty("data");
  if (!("errors" in body)) return;
  expect(body.errors.length).toBeGreaterThan(0);
  for (const { message, extensions, path, locations, ...others } of body.errors) {
    expect({ message, others }).toEqual({ message: expect.any(String), others: {} });
    expect(path === undefined || Array.isArray(path)).toBe(true);
    expect(locations === undefined || Array.isArray(locations)).toBe(true);
    const { code, requestId, argument = "", ...more } = extensions;
    expect({ code, requestId, argument, more }).toEqual({
      code: expect.toBeOneOf([...CODES]),
      requestId: headers["x-request-id"],
      argument: expect.any(String),
      more: {},
    });
  }
}

function checkFoundry({ status }: Seen, body: Json) {
  if (status === 200) {
    const { data, has_more, first_id, last_id, ...others } = body;
    expect({ has_more, others }).toEqual({ has_more: expect.any(Boolean), others: {} });
    expect([first_id, last_id]).toEqual([data.at(0)?.id, data.at(-1)?.id]);
    for (const row of data) expect(Object.keys(row)).toEqual(["id", "object", "created_at", "metadata"]);
  } else {
    const { message, type, param, code, ...others } = body.error;
    expect({ message, type, others }).toEqual({
      message: expect.any(String),
      type: "invalid_request_error",
      others: {},
    });
    for (const value of [param, code]) expect(value === null || typeof value === "string").toBe(true);
  }
}

function checkFixie({ status }: Seen, contentType: string, body: Json) {
  if (status === 200) {
    expect(contentType).toBe("application/json; charset=utf-8");
    expect(Object.keys(body)).toEqual(["conversations", "pageInfo"]);
    expect(Object.keys(body.pageInfo)).toEqual(["requestedPageSize", "requestedOffset", "totalResultCount"]);
  } else {
    expect(contentType).toBe("application/problem+json; charset=utf-8");
    expect(body).toMatchObject({ type: "about:blank", title: expect.any(String), status, detail: expect.any(String) });
  }
}
