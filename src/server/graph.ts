import type { Config } from "../config.ts";
import { createCompiler } from "../graphql/compiled/use-compiled.ts";
import { createDocumentCache } from "../graphql/pipeline/document-cache.ts";
import { type AnswerFastPost, createFastPost } from "../graphql/pipeline/fast-post.ts";
import { createNodeCheck } from "../graphql/pipeline/limits.ts";
import { createRunCompiled, type RunCompiled } from "../graphql/pipeline/run-compiled.ts";
import { createGraphQL, type RequestContext, type Yoga } from "../graphql/pipeline/yoga.ts";
import { createSchema } from "../graphql/schema/schema.ts";
import { createCoercion } from "../graphql/schema/variables.ts";
import { CONSISTENCY_HEADER, createConsistencyTokens } from "../http/consistency-token.ts";
import type { Database } from "../store/database/client.ts";
import type { Replicas } from "../store/replicas/replicas.ts";
import type { ChangeFeed } from "../store/watch/change-feed.ts";
import type { Exchange } from "./route.ts";

interface GraphOptions {
  config: Config;
  database: Database;
  replicas: Replicas | null;
  changes: ChangeFeed;
}

/** The graph, which every surface answers from. */
export interface Graph {
  yoga: Yoga;
  answerFastPost: AnswerFastPost;
  run: RunCompiled;
  /** What the graph has to know of a request. BAD_USER_INPUT for a consistency token that no write was answered with. */
  toContext(exchange: Exchange): RequestContext;
}

/** The graph over this database and its replicas. */
export function createGraph({ config, database, replicas, changes }: GraphOptions): Graph {
  const schema = createSchema();
  const documents = createDocumentCache();
  const coerce = createCoercion(schema);
  const compiler = createCompiler(schema);
  const checkNodes = createNodeCheck(schema, config.maxNodes);
  const tokens = createConsistencyTokens(replicas?.system ?? null);
  const { maxPageBytes } = config;
  const run = createRunCompiled({ coerce, compiler, checkNodes, database, replicas, maxPageBytes });
  const yoga = createGraphQL({
    schema,
    documents,
    coerce,
    compiler,
    checkNodes,
    database,
    replicas,
    changes,
    introspection: config.introspection,
    compileDocuments: config.compileDocuments,
    maxPageBytes,
    limits: config,
  });
  return {
    yoga,
    answerFastPost: createFastPost(documents, run),
    run,
    toContext: ({ request, response, requestId, log, signal }) => ({
      requestId,
      log,
      signal,
      position: tokens.read(request),
      tellPosition: (position) => response.setHeader(CONSISTENCY_HEADER, tokens.write(position)),
    }),
  };
}
