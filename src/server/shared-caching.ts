import type { AskedParams } from "../graphql/pipeline/parse-request.ts";
import type { Access } from "../graphql/schema/context.ts";
import type { Answer } from "../http/answer.ts";
import type { Exchange } from "./route.ts";

// Shared caches keep an answer for so long, browsers not at all: a page that has just written reads what it wrote.
const SHARED = "public, max-age=0, s-maxage=10";

// What an answer depends on beside the URL and the origin.
const DEPENDS_ON = "accept, authorization, api-key, x-ms-user-isolation-key, x-ms-user-identity";

/** Keeps shared caches from the answer to a GET, until it is known that they may keep it. To be called before the answer is made. */
export function forbidCaching({ request, response }: Exchange): void {
  if (request.method === "GET") response.setHeader("cache-control", "private, no-cache");
}

/**
 * The answer as shared caches may keep it: one without errors to a GET that names its document by an id, from a caller without
 * a key, whose URL is then all that the answer depends on. Any other is given back as it is.
 */
export function allowCaching(answer: Answer, asked: AskedParams, access: Access, exchange: Exchange): Answer {
  const { request, response, log } = exchange;
  const isShared = request.method === "GET" && asked.query === undefined && access.caller.key === "";
  if (!isShared || answer.status !== 200 || log.hasError() || "cache-control" in answer.headers) return answer;
  // Beside the header, which compression replaces.
  response.appendHeader("vary", DEPENDS_ON);
  return { ...answer, headers: { ...answer.headers, "cache-control": SHARED } };
}
