import type { z } from "zod";

import type { Answer } from "../http/answer.ts";
import type { RestRequest } from "./rest-request.ts";

/** The URL of a request, without its query. */
export interface RestUrl {
  method: string;
  path: string;
  /** The segments that vary, decoded, by the names of the endpoint's groups; undefined where the path has none. */
  segments: Readonly<Record<string, string | undefined>>;
}

/** What a method does at an endpoint. */
export interface Operation {
  /** Throws for parameters that break their rules. Asks no database: it runs before the caller's access is known. */
  check?(url: RestUrl, query: URLSearchParams): void;
  /** The answer to a caller with access to this project. */
  answer(url: RestUrl, projectId: string, request: RestRequest): Promise<Answer>;
}

/** Paths where a dialect answers. */
export interface Endpoint {
  /** Named groups are the segments that vary. */
  paths: RegExp;
  /** HEAD is answered as GET, without the body. */
  methods: Partial<Record<"GET" | "POST" | "DELETE", Operation>>;
}

/** A documented API: everything that differs between two of them. */
export interface Dialect {
  /** The name in the log and the metrics. */
  surface: string;
  endpoints: readonly Endpoint[];
  /** Any error in the dialect's envelope. */
  fail(error: unknown): Answer;
  /** Paths around the endpoints where clients of the dialect expect its words for unknown URLs, and the answer there. */
  unknown?: { paths: RegExp; answer(method: string, path: string): Answer };
  /** The endpoints in the published document. */
  published: { tag: { name: string; description: string }; paths(): object; schemas: Record<string, z.ZodType> };
}
