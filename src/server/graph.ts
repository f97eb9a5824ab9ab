import type { Config } from "../config.ts";
import { createCompiled } from "../graphql/compiled/compiled.ts";
import { createBeginOperation } from "../graphql/pipeline/begin-operation.ts";
import { createDocumentCache } from "../graphql/pipeline/document-cache.ts";
import { createFastMutation } from "../graphql/pipeline/fast-mutation.ts";
import { createNodeCheck } from "../graphql/pipeline/limits.ts";
import { createFindDocument, type FindDocument, type SentDocument } from "../graphql/pipeline/persisted-documents.ts";
import type { AnswerFastPost, RequestContext } from "../graphql/pipeline/request.ts";
import type { RunStored } from "../graphql/pipeline/rows.ts";
import { createRunResolved } from "../graphql/pipeline/run-resolved.ts";
import { createToContext } from "../graphql/pipeline/to-context.ts";
import { createGraphQL, type Yoga } from "../graphql/pipeline/yoga.ts";
import type { Access } from "../graphql/schema/context.ts";
import { createSchema } from "../graphql/schema/schema.ts";
import { createCoercion } from "../graphql/schema/variables.ts";
import { CONSISTENCY_HEADER, createConsistencyTokens } from "../http/consistency-token.ts";
import type { Broadcast } from "../model/broadcast.ts";
import type { StoreAccess } from "../rest/rest-request.ts";
import type { Database } from "../store/database/client.ts";
import type { Replicas } from "../store/replicas/replicas.ts";
import type { ChangeFeed } from "../store/watch/change-feed.ts";
import type { Exchange } from "./route.ts";
import { openStore } from "./store-access.ts";

interface GraphOptions {
  config: Config;
  database: Database;
  replicas: Replicas | null;
  changes: ChangeFeed;
  /** The documents that callers persist at other workers; null without any. */
  sentDocuments: Broadcast<SentDocument> | null;
}

/** The graph, which every surface answers from. */
export interface Graph {
  yoga: Yoga;
  /** Answers the common request past Yoga, queries and mutations; null where documents are not compiled. */
  answerFastPost: AnswerFastPost | null;
  /** Finds the document that a request names by an id. */
  findDocument: FindDocument;
  /** Runs the documents of the REST lists. */
  run: RunStored;
  /** The store behind the graph, for a request of a caller with this access. */
  openStore(access: Access, context: RequestContext): StoreAccess;
  /** What the graph has to know of a request. BAD_USER_INPUT for a consistency token that no write was answered with. */
  toContext(exchange: Exchange): RequestContext;
}

/** The graph over this database and its replicas. */
export function createGraph({ config, database, replicas, changes, sentDocuments }: GraphOptions): Graph {
  const schema = createSchema();
  const documents = createDocumentCache();
  const coerce = createCoercion(schema);
  const checkNodes = createNodeCheck(schema, config.maxNodes);
  const tokens = createConsistencyTokens(replicas?.system ?? null);
  const { maxPageBytes, maxAnswerBytes } = config;
  const begin = createBeginOperation({ coerce, checkNodes, database, replicas });
  const compiled = config.compileDocuments
    ? createCompiled({ schema, documents, coerce, begin, maxPageBytes, maxAnswerBytes })
    : null;
  const toContext = createToContext({ database, changes, maxPageBytes, maxAnswerBytes });
  const common = { schema, documents, begin, replicas, toContext, maxAnswerBytes };
  const { introspection } = config;
  const yoga = createGraphQL({ ...common, compiled: compiled?.plugin ?? null, introspection, limits: config });
  const mutate = createFastMutation(common);
  return {
    yoga,
    answerFastPost: compiled && (async (request) => (await compiled.answerPost(request)) ?? mutate(request)),
    findDocument: createFindDocument({
      trusted: config.persistedDocuments ?? new Map(),
      onlyTrusted: config.persistedDocumentsOnly,
      others: sentDocuments,
    }),
    openStore: (access, context) => openStore({ database, replicas, changes }, access, context),
    run: compiled?.run ?? createRunResolved({ schema, begin, changes, maxPageBytes, maxAnswerBytes }),
    toContext: ({ request, response, requestId, log, signal }) => ({
      requestId,
      log,
      signal,
      lastEventId: request.headersDistinct["last-event-id"]?.join() ?? null,
      position: tokens.read(request),
      tellPosition: (position) => response.setHeader(CONSISTENCY_HEADER, tokens.write(position)),
    }),
  };
}
