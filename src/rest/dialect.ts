import type { z } from "zod";

import type { Answer } from "../http/answer.ts";
import type { ListRequest } from "./list-request.ts";

/** The URL of a request to a list, without its query. */
interface ListUrl {
  method: string;
  path: string;
  /** The segment that varies between the list's URLs, decoded; null where the path has none. */
  segment: string | null;
}

/** A documented list of conversations: everything that differs between two of them. */
export interface Dialect {
  /** The name in the log and the metrics. */
  surface: string;
  /** The paths of the list. The group, where it matches, is the segment that varies. */
  paths: RegExp;
  /** Throws for parameters that break their rules. Asks no database: it runs before the caller's access is known. */
  check(url: ListUrl, query: URLSearchParams): void;
  /** The page of the list for a caller with access to this project. */
  list(url: ListUrl, projectId: string, request: ListRequest): Promise<Answer>;
  /** Any error in the dialect's envelope. */
  fail(error: unknown): Answer;
  /** Paths around the list where clients of the dialect expect its words for unknown URLs, and the answer there. */
  unknown?: { paths: RegExp; answer(method: string, path: string): Answer };
  /** The list in the published document. */
  published: { tag: { name: string; description: string }; paths(): object; schemas: Record<string, z.ZodType> };
}
