import { METHODS } from "node:http";
import type { Config } from "../config.ts";
import { createCompiler } from "../graphql/compiled/use-compiled.ts";
import type { Access, AccessContext } from "../graphql/pipeline/access.ts";
import { createQuickAnswers } from "../graphql/pipeline/fast-post.ts";
import { createNodeCheck } from "../graphql/pipeline/limits.ts";
import { createRunCompiled } from "../graphql/pipeline/run-compiled.ts";
import { createRun } from "../graphql/pipeline/stored-document.ts";
import { createGraphQL, type RequestContext } from "../graphql/pipeline/yoga.ts";
import { createSchema } from "../graphql/schema/schema.ts";
import { type Answer, jsonAnswer } from "../http/answer.ts";
import { CONSISTENCY_HEADER, readConsistencyToken, writeConsistencyToken } from "../http/consistency-token.ts";
import { fixieErrorAnswer } from "../rest/fixie/errors.ts";
import { listAgentConversations } from "../rest/fixie/list.ts";
import { foundryErrorAnswer, invalidUrl } from "../rest/foundry/errors.ts";
import { listConversations } from "../rest/foundry/list.ts";
import type { ListRequest } from "../rest/list-request.ts";
import type { Database } from "../store/database/client.ts";
import type { KeyRing } from "../store/keys/key-ring.ts";
import type { Replicas } from "../store/replicas/replicas.ts";
import type { Changes } from "../store/watch/change-feed.ts";
import { authorize, checkHost, hasUsableHost } from "./admission.ts";
import { createGraphQLRoute } from "./graphql-route.ts";
import { checkReadiness } from "./health.ts";
import { createPages } from "./pages/assets.ts";
import type { Exchange, Route } from "./route.ts";
import type { Metrics } from "./telemetry/metrics.ts";

const READ = ["GET", "HEAD"];

/** The routes of the server: finds the one that a path belongs to; every path has one. */
export function createRoutes(
  config: Config,
  database: Database,
  replicas: Replicas | null,
  changes: Changes,
  ring: KeyRing,
  metrics: Metrics | null,
): (path: string) => Route {
  const schema = createSchema();
  const compiler = createCompiler(schema);
  const checkNodes = createNodeCheck(schema, config.maxNodes);
  const run = createRunCompiled({ compiler, checkNodes, database, replicas });
  const yoga = createGraphQL({
    schema,
    compiler,
    checkNodes,
    database,
    replicas,
    changes,
    introspection: config.introspection,
    compileDocuments: config.compileDocuments,
    maxBodyBytes: config.maxBodyBytes,
    limits: config,
  });
  const findPage = createPages(config, ring);
  const graphql = createGraphQLRoute({
    config,
    ring,
    yoga,
    answerQuickly: createQuickAnswers(yoga, run),
    toContext: async (exchange) => toRequestContext(exchange, await admit(exchange)),
  });

  const foundry = (projectId: string | undefined): Route => ({
    surface: "foundry",
    methods: READ,
    fail: foundryErrorAnswer,
    async answer(exchange) {
      const admitted = await admit(exchange);
      if (projectId !== undefined && projectId !== (await admitted.access).scope.projectId)
        return answerUnknown(exchange);
      return listConversations(toListRequest(exchange, admitted));
    },
  });
  const fixie = (agentId: string): Route => ({
    surface: "fixie",
    methods: READ,
    fail: fixieErrorAnswer,
    answer: async (exchange) => listAgentConversations(agentId, toListRequest(exchange, await admit(exchange))),
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
      return checkReadiness(database, replicas);
    },
  };

  /**
   * Who is let in, or turned away at once. Where the database has to be asked, what is wrong with the request itself is
   * answered meanwhile, and only the rest of it waits.
   */
  async function admit(exchange: Exchange): Promise<AccessContext> {
    const access = letIn(exchange);
    if (ring.isFresh() || !hasUsableHost(exchange.request)) return { access: await access };
    // Who is answered otherwise never asks what became of it.
    access.catch(() => {});
    return { access };
  }

  async function letIn({ request, log }: Exchange): Promise<Access> {
    const access = await authorize(request, ring);
    log.caller(access.scope.projectId, access.scope.isolationKey);
    return access;
  }

  function toListRequest(exchange: Exchange, admitted: AccessContext): ListRequest {
    return { query: new URLSearchParams(exchange.query), run: createRun(run, toRequestContext(exchange, admitted)) };
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

function toRequestContext(exchange: Exchange, admitted: AccessContext): RequestContext {
  const { request, response, requestId, log, signal } = exchange;
  return {
    ...admitted,
    requestId,
    log,
    signal,
    position: readConsistencyToken(request),
    tellPosition: (position) => response.setHeader(CONSISTENCY_HEADER, writeConsistencyToken(position)),
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
