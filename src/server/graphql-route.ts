import type { IncomingMessage } from "node:http";

import { chooseMediaType } from "../graphql/pipeline/media-type.ts";
import { type AskedParams, parseBody, parseQuery } from "../graphql/pipeline/parse-request.ts";
import type { GraphQLRequest } from "../graphql/pipeline/request.ts";
import { type Answer, jsonAnswer } from "../http/answer.ts";
import { createCachedAsset } from "../http/cached-asset.ts";
import { checkContentEncoding } from "../http/content-encoding.ts";
import { fetchAnswer } from "../http/fetch-answer.ts";
import { checkContentLength, readBody } from "../http/read-body.ts";
import { ApiError, errorHeaders, shorten, toApiError } from "../model/errors.ts";
import { GRAPHIQL_PAGE } from "./pages/graphiql-page.ts";
import { type Exchange, type Route, withAccess, withHostCheck } from "./route.ts";
import type { Services } from "./services.ts";
import { allowCaching, forbidCaching } from "./shared-caching.ts";

const NOT_ACCEPTABLE =
  "Ask for application/json or application/graphql-response+json; for a subscription, text/event-stream or multipart/mixed.";

/** The route of the GraphQL endpoint, and of GraphiQL for a browser that navigates there. */
export function createGraphQLRoute({ config, access: control, graph }: Services): Route {
  const { yoga, answerFastPost, findDocument, toContext } = graph;
  const graphiql = createCachedAsset(GRAPHIQL_PAGE);

  /** The answer to a request that need not pass through Yoga; null for any other. */
  async function answerFast({ headers }: IncomingMessage, context: GraphQLRequest): Promise<Answer | null> {
    const type = chooseMediaType(headers.accept);
    if (answerFastPost === null || type === null) return null;
    const answer = await answerFastPost(context);
    return answer && { status: 200, headers: { "content-type": `${type}; charset=utf-8` }, body: answer };
  }

  async function readParams({ request, query }: Exchange): Promise<AskedParams> {
    if (request.method !== "POST") return parseQuery(new URLSearchParams(query));
    return parseBody(await readBody(request, config.maxBodyBytes));
  }

  /** The answer of Yoga's pipeline. */
  async function answerByYoga(exchange: Exchange, context: GraphQLRequest): Promise<Answer> {
    const { request, response } = exchange;
    const answer = await fetchAnswer(await yoga.handleNodeRequestAndResponse(request, response, context));
    return answer.status === 406 ? withReason(answer, exchange) : answer;
  }

  /** Whether the document's syntax is right. Parsed without the cache: the caller may have no access. */
  function isParsable({ request: { method } }: Exchange, params: AskedParams): boolean {
    if (params.query === undefined) return true;
    try {
      yoga.getEnveloped({ request: { method }, params }).parse(params.query);
      return true;
    } catch {
      // The pipeline parses it again, and says what is wrong.
      return false;
    }
  }

  const endpoint = withAccess(control, {
    surface: "graphql",
    methods: ["GET", "POST"],
    check(exchange) {
      const { request, response } = exchange;
      forbidCaching(exchange);
      checkMediaType(request);
      checkContentEncoding(request, response);
      checkContentLength(request, config.maxBodyBytes);
      let params: Promise<AskedParams> | undefined;
      return { context: toContext(exchange), params: () => (params ??= readParams(exchange)) };
    },
    async refuse(exchange, { context, params: read }) {
      const params = await read();
      if (isParsable(exchange, params)) return null;
      return answerByYoga(exchange, { ...context, params: { query: "", ...params }, access: null });
    },
    async answer(exchange, access, asked) {
      const params = await asked.params();
      const context = { ...asked.context, params: findDocument(params, access.scope.projectId), access };
      const answer = (await answerFast(exchange.request, context)) ?? (await answerByYoga(exchange, context));
      return allowCaching(answer, params, access, exchange);
    },
    fail: graphqlErrorAnswer,
  });
  if (!config.graphiql) return endpoint;
  const page = withHostCheck(control, { ...endpoint, answer: ({ request }) => graphiql(request.headers) });
  return {
    ...endpoint,
    answer: (exchange) => (wantsPage(exchange.request) ? page : endpoint).answer(exchange),
  };
}

/** Yoga refuses without a word what it can give in none of the accepted media types. */
function withReason({ headers }: Answer, exchange: Exchange): Answer {
  exchange.log.errorCode("NOT_ACCEPTABLE");
  const answer = graphqlErrorAnswer(new ApiError("NOT_ACCEPTABLE", NOT_ACCEPTABLE), exchange);
  return { ...answer, headers: { ...headers, ...answer.headers } };
}

/** An error from before the GraphQL pipeline, in GraphQL's envelope, with the request's id as on every error. */
function graphqlErrorAnswer(error: unknown, { request, requestId }: Exchange): Answer {
  const { status, message, code, argument } = toApiError(error);
  const extensions = { code, ...(argument !== undefined && { argument: shorten(argument) }), requestId };
  const type = chooseMediaType(request.headers.accept) ?? "application/json";
  const headers = { "content-type": `${type}; charset=utf-8`, ...errorHeaders(status) };
  // Clients of persisted documents look for the code in an answer that is 200 under the older media type.
  const sent = code.startsWith("PERSISTED_QUERY") && type === "application/json" ? 200 : status;
  return jsonAnswer(sent, { errors: [{ message: shorten(message), extensions }] }, headers);
}

/** A browser that navigates names HTML; a GraphQL client never does. */
function wantsPage(request: IncomingMessage): boolean {
  return request.method !== "POST" && (request.headers.accept ?? "").includes("text/html");
}

// Any web page may send a form or plain text without a preflight; JSON makes the browser send one first.
function checkMediaType(request: IncomingMessage): void {
  const type = request.headers["content-type"]?.split(";")[0]?.trim().toLowerCase();
  if (request.method !== "POST" || type === "application/json" || type === "application/graphql-response+json") return;
  throw new ApiError("UNSUPPORTED_MEDIA_TYPE", "The body must be JSON, with the content type application/json.");
}
