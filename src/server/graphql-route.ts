import type { IncomingMessage } from "node:http";
import type { Config } from "../config.ts";
import { type AnswerQuickly, chooseMediaType } from "../graphql/pipeline/fast-post.ts";
import type { RequestContext, Yoga } from "../graphql/pipeline/yoga.ts";
import { type Answer, jsonAnswer } from "../http/answer.ts";
import { createCachedPage } from "../http/cached-asset.ts";
import { readShortBody } from "../http/read-body.ts";
import { ApiError, errorHeaders, toApiError } from "../model/errors.ts";
import type { KeyRing } from "../store/keys/key-ring.ts";
import { checkHost } from "./admission.ts";
import { GRAPHIQL_PAGE } from "./pages/graphiql-page.ts";
import type { Exchange, Route } from "./route.ts";

interface GraphQLRoute {
  config: Config;
  ring: KeyRing;
  yoga: Yoga;
  answerQuickly: AnswerQuickly;
  /** What is known of the request; rejects for a caller who is turned away. */
  toContext(exchange: Exchange): Promise<RequestContext>;
}

/** The route of the GraphQL endpoint, and of GraphiQL for who navigates there. */
export function createGraphQLRoute({ config, ring, yoga, answerQuickly, toContext }: GraphQLRoute): Route {
  const graphiql = createCachedPage(GRAPHIQL_PAGE);

  /** The answer to a request that need not pass through Yoga; null for any other, whose body Yoga finds where it looks. */
  async function answerPost(request: IncomingMessage, context: RequestContext): Promise<Answer | null> {
    const type = chooseMediaType(request.headers.accept);
    if (request.method !== "POST" || type === null || context.access instanceof Promise) return null;
    const body = await readShortBody(request, config.maxBodyBytes);
    if (body === null) return null;
    const answer = await answerQuickly(body.toString(), context);
    if (answer !== null) return { status: 200, headers: { "content-type": `${type}; charset=utf-8` }, body: answer };
    Object.assign(request, { body });
    return null;
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
      const context = await toContext(exchange);
      const quick = config.compileDocuments ? await answerPost(request, context) : null;
      if (quick === null) await yoga(request, response, context);
      return quick;
    },
  };
}

/** An error that came before GraphQL did, in GraphQL's envelope; the request's id is on it as on every error. */
function graphqlErrorAnswer(error: unknown, { requestId }: Exchange): Answer {
  const { status, message, code, argument } = toApiError(error);
  const extensions = { code, ...(argument !== undefined && { argument }), requestId };
  return jsonAnswer(status, { errors: [{ message, extensions }] }, errorHeaders(status));
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
