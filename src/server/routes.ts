import { METHODS } from "node:http";
import type { Config } from "../config.ts";
import { createCompiled } from "../graphql/compiled/compiled.ts";
import { createBeginOperation } from "../graphql/pipeline/begin-operation.ts";
import { createDocumentCache } from "../graphql/pipeline/document-cache.ts";
import { createNodeCheck } from "../graphql/pipeline/limits.ts";
import type { RequestContext } from "../graphql/pipeline/request.ts";
import { createRunResolved } from "../graphql/pipeline/run-resolved.ts";
import { createGraphQL } from "../graphql/pipeline/yoga.ts";
import type { Access } from "../graphql/schema/context.ts";
import { createSchema } from "../graphql/schema/schema.ts";
import { createCoercion } from "../graphql/schema/variables.ts";
import { type Answer, jsonAnswer } from "../http/answer.ts";
import { CONSISTENCY_HEADER, createConsistencyTokens } from "../http/consistency-token.ts";
import { fixieErrorAnswer } from "../rest/fixie/errors.ts";
import { listAgentConversations } from "../rest/fixie/list.ts";
import { readFixieParameters } from "../rest/fixie/parameters.ts";
import { foundryErrorAnswer, invalidUrl } from "../rest/foundry/errors.ts";
import { listConversations } from "../rest/foundry/list.ts";
import { readFoundryParameters } from "../rest/foundry/parameters.ts";
import type { ListRequest } from "../rest/list-request.ts";
import type { Database } from "../store/database/client.ts";
import type { KeyRing } from "../store/keys/key-ring.ts";
import type { Replicas } from "../store/replicas/replicas.ts";
import type { ChangeFeed } from "../store/watch/change-feed.ts";
import { authorize, checkHost, needsDatabase } from "./admission.ts";
import { createGraphQLRoute } from "./graphql-route.ts";
import { createReadiness } from "./health.ts";
import { createAssets } from "./pages/assets.ts";
import type { Exchange, Route } from "./route.ts";
import { createSubscriptionLimit } from "./subscription-limit.ts";
import type { Metrics } from "./telemetry/metrics.ts";

const READ = ["GET", "HEAD"];

/** The routes of the server: finds the one that a path belongs to; every path has one. */
export function createRoutes(
  config: Config,
  database: Database,
  replicas: Replicas | null,
  changes: ChangeFeed,
  ring: KeyRing,
  metrics: Metrics | null,
): (path: string) => Route {
  const schema = createSchema();
  const documents = createDocumentCache();
  const coerce = createCoercion(schema);
  const checkNodes = createNodeCheck(schema, config.maxNodes);
  const tokens = createConsistencyTokens(replicas?.system ?? null);
  const { maxPageBytes } = config;
  const begin = createBeginOperation({ coerce, checkNodes, database, replicas });
  const compiled = config.compileDocuments ? createCompiled({ schema, documents, coerce, begin, maxPageBytes }) : null;
  const run = compiled?.run ?? createRunResolved({ schema, begin, changes, maxPageBytes });
  const yoga = createGraphQL({
    schema,
    documents,
    begin,
    compiled: compiled?.plugin ?? null,
    database,
    replicas,
    changes,
    introspection: config.introspection,
    maxPageBytes,
    limits: config,
  });
  const readiness = createReadiness(database, replicas);
  const subscriptions = createSubscriptionLimit(config.maxSubscriptions);
  const findPage = createAssets(config, ring);
  const graphql = createGraphQLRoute({
    config,
    ring,
    yoga,
    answerFastPost: compiled?.answerPost ?? null,
    letIn,
    toContext: toRequestContext,
  });

  const foundry = (projectId: string | undefined): Route => ({
    surface: "foundry",
    methods: READ,
    fail: foundryErrorAnswer,
    async answer(exchange) {
      // Where the key does not open the project, the URL is unknown whatever else it says.
      const access = await admit(exchange, (query) => projectId !== undefined || readFoundryParameters(query));
      if (projectId !== undefined && projectId !== access.scope.projectId) return answerUnknown(exchange);
      return listConversations(toListRequest(exchange, access));
    },
  });
  const fixie = (agentId: string): Route => ({
    surface: "fixie",
    methods: READ,
    fail: fixieErrorAnswer,
    async answer(exchange) {
      const access = await admit(exchange, (query) => readFixieParameters(agentId, query));
      return listAgentConversations(agentId, toListRequest(exchange, access));
    },
  });
  const live: Route = {
    surface: "health",
    methods: READ,
    fail: foundryErrorAnswer,
    async answer({ request }) {
      checkHost(request, ring);
      return jsonAnswer(200, { status: "live" });
    },
  };
  const measures: Route | null = metrics && {
    ...live,
    surface: "metrics",
    async answer({ request }) {
      checkHost(request, ring);
      return metrics.expose();
    },
  };
  const ready: Route = {
    ...live,
    async answer({ request }) {
      checkHost(request, ring);
      return readiness();
    },
  };

  /**
   * Who is let in. Where the database has to be asked for that, what `check` finds wrong with the request itself is answered
   * without waiting for it.
   */
  function admit(exchange: Exchange, check: (query: URLSearchParams) => unknown): Promise<Access> {
    const isWaiting = needsDatabase(exchange.request, ring);
    const admitted = letIn(exchange);
    if (!isWaiting) return admitted;
    // Who is answered otherwise never asks what became of it.
    admitted.catch(() => {});
    check(new URLSearchParams(exchange.query));
    return admitted;
  }

  async function letIn({ request, log }: Exchange): Promise<Access> {
    const access = await authorize(request, ring, subscriptions);
    log.caller(access.scope.projectId, access.scope.isolationKey);
    return access;
  }

  function toRequestContext({ request, response, requestId, log, signal }: Exchange): RequestContext {
    return {
      requestId,
      log,
      signal,
      position: tokens.read(request),
      tellPosition: (position) => response.setHeader(CONSISTENCY_HEADER, tokens.write(position)),
    };
  }

  function toListRequest(exchange: Exchange, access: Access): ListRequest {
    return {
      query: new URLSearchParams(exchange.query),
      run: (stored, variables) => run(stored, variables, access, toRequestContext(exchange)),
    };
  }

  return (path) => {
    if (path === "/graphql") return graphql;
    const list = /^(?:\/api\/projects\/([^/]+))?\/openai(?:\/v1)?\/conversations$/.exec(path);
    if (list !== null) return foundry(list[1] === undefined ? undefined : decode(list[1]));
    const agent = /^\/api\/v1\/agents\/([^/]+)\/conversations$/.exec(path);
    if (agent?.[1] !== undefined) return fixie(decode(agent[1]));
    if (path === "/health/live") return live;
    if (path === "/health/ready") return ready;
    if (path === "/metrics" && measures !== null) return measures;
    return findPage(path) ?? (path === "/" ? HOME : UNKNOWN);
  };
}

async function answerUnknown({ request, path }: Exchange): Promise<Answer> {
  return invalidUrl(request.method ?? "", path);
}

const UNKNOWN: Route = {
  surface: "unknown",
  methods: METHODS,
  fail: foundryErrorAnswer,
  answer: answerUnknown,
};

const HOME: Route = {
  ...UNKNOWN,
  methods: READ,
  answer: async () => ({ status: 307, headers: { location: "/graphql" }, body: "" }),
};

/** A segment of the path as text; one that is not percent-encoded as it should be stands for itself. */
function decode(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}
