import type { IncomingMessage } from "node:http";
import type { Config } from "../config.ts";
import { chooseMediaType } from "../graphql/pipeline/media-type.ts";
import { type Params, parseBody, parseQuery } from "../graphql/pipeline/parse-request.ts";
import type { AnswerFastPost, GraphQLRequest, RequestContext } from "../graphql/pipeline/request.ts";
import type { Yoga } from "../graphql/pipeline/yoga.ts";
import type { Access } from "../graphql/schema/context.ts";
import { type Answer, jsonAnswer } from "../http/answer.ts";
import { createCachedAsset } from "../http/cached-asset.ts";
import { checkContentEncoding } from "../http/content-encoding.ts";
import { readBody } from "../http/read-body.ts";
import { ApiError, errorHeaders, shorten, toApiError } from "../model/errors.ts";
import type { KeyRing } from "../store/keys/key-ring.ts";
import { checkHost, needsDatabase } from "./admission.ts";
import { GRAPHIQL_PAGE } from "./pages/graphiql-page.ts";
import type { Exchange, Route } from "./route.ts";

interface GraphQLRoute {
  config: Config;
  ring: KeyRing;
  yoga: Yoga;
  /** Null where every request passes through Yoga. */
  answerFastPost: AnswerFastPost | null;
  /** Who is let in; rejects for a caller who is turned away. */
  letIn(exchange: Exchange): Promise<Access>;
  toContext(exchange: Exchange): RequestContext;
}

/** The route of the GraphQL endpoint, and of GraphiQL for who navigates there. */
export function createGraphQLRoute({ config, ring, yoga, answerFastPost, letIn, toContext }: GraphQLRoute): Route {
  const graphiql = createCachedAsset(GRAPHIQL_PAGE);

  /** The answer to a request that need not pass through Yoga; null for any other. */
  async function answerPost({ headers, method }: IncomingMessage, context: GraphQLRequest): Promise<Answer | null> {
    const type = chooseMediaType(headers.accept);
    if (answerFastPost === null || method !== "POST" || type === null) return null;
    const answer = await answerFastPost(context);
    return answer && { status: 200, headers: { "content-type": `${type}; charset=utf-8` }, body: answer };
  }

  async function readParams({ request, query }: Exchange): Promise<Params> {
    if (request.method !== "POST") return parseQuery(new URLSearchParams(query));
    return parseBody(await readBody(request, config.maxBodyBytes));
  }

  /** Whether the document's syntax is right, for a caller who may not be let in: nothing of it is remembered. */
  function isParsable({ request: { method } }: Exchange, params: Params): boolean {
    try {
      yoga.getEnveloped({ request: { method }, params }).parse(params.query);
      return true;
    } catch {
      return false;
    }
  }

  return {
    surface: "graphql",
    methods: ["GET", "POST"],
    fail: graphqlErrorAnswer,
    async answer(exchange) {
      const { request, response } = exchange;
      if (config.graphiql && wantsPage(request)) {
        checkHost(request, ring);
        return graphiql(request.headers);
      }
      checkMediaType(request);
      checkContentEncoding(request, response);
      const isWaiting = needsDatabase(request, ring);
      const admitted = letIn(exchange);
      // The body of a caller who is turned away at once is not read. What is wrong with any other is answered without waiting
      // for the database.
      if (isWaiting) admitted.catch(() => {});
      else await admitted;
      const params = await readParams(exchange);
      const access = isWaiting && !isParsable(exchange, params) ? null : await admitted;
      const context = { ...toContext(exchange), params, access };
      const quick = await answerPost(request, context);
      if (quick === null) await yoga(request, response, context);
      return quick;
    },
  };
}

/** An error that came before GraphQL did, in GraphQL's envelope; the request's id is on it as on every error. */
function graphqlErrorAnswer(error: unknown, { request, requestId }: Exchange): Answer {
  const { status, message, code, argument } = toApiError(error);
  const extensions = { code, ...(argument !== undefined && { argument: shorten(argument) }), requestId };
  const type = chooseMediaType(request.headers.accept) ?? "application/json";
  const headers = { "content-type": `${type}; charset=utf-8`, ...errorHeaders(status) };
  return jsonAnswer(status, { errors: [{ message: shorten(message), extensions }] }, headers);
}

/** A browser that navigates names HTML; a GraphQL client never does. */
function wantsPage(request: IncomingMessage): boolean {
  return request.method !== "POST" && (request.headers.accept ?? "").includes("text/html");
}

// A form or plain text can be sent by any web page without asking; only JSON makes a browser ask first.
function checkMediaType(request: IncomingMessage): void {
  const type = request.headers["content-type"]?.split(";")[0]?.trim().toLowerCase();
  if (request.method !== "POST" || type === "application/json" || type === "application/graphql-response+json") return;
  throw new ApiError("UNSUPPORTED_MEDIA_TYPE", "The body must be JSON, with the content type application/json.");
}
