import { checkContentEncoding } from "../http/content-encoding.ts";
import { checkJsonType } from "../http/json-type.ts";
import { checkContentLength, readBody } from "../http/read-body.ts";
import { readOnlyCaller } from "../model/errors.ts";
import type { Dialect, Endpoint, Operation, RestUrl } from "../rest/dialect.ts";
import { type Exchange, type Pattern, READ, withAccess } from "./route.ts";
import type { Services } from "./services.ts";

/** The routes of a dialect's endpoint: one for each value of the segments that vary. */
export function createEndpointPattern(
  { surface, fail }: Dialect,
  { paths, methods }: Endpoint,
  { access: control, graph, config }: Services,
): Pattern {
  const maxBytes = config.maxItemsBodyBytes;
  return {
    expression: paths,
    toRoute(groups) {
      const segments = decodeAll(groups);
      const toUrl = ({ request: { method = "" }, path }: Exchange): RestUrl => ({ method, path, segments });
      return withAccess(control, {
        surface,
        methods: methodsOf(methods),
        fail,
        check(exchange) {
          const { request, response } = exchange;
          const operation = operationOf(methods, exchange);
          const query = new URLSearchParams(exchange.query);
          if (request.method === "POST") {
            checkJsonType(request);
            checkContentEncoding(request, response);
            checkContentLength(request, maxBytes);
          }
          operation.check?.(toUrl(exchange), query);
          return { operation, query, context: graph.toContext(exchange) };
        },
        answer(exchange, access, { operation, query, context }) {
          const { request } = exchange;
          if (access.readOnly && !READ.includes(request.method ?? "")) throw readOnlyCaller();
          return operation.answer(toUrl(exchange), access.scope.projectId, {
            query,
            ifNoneMatch: request.headers["if-none-match"],
            run: (stored, variables) => graph.run(stored, variables, access, context),
            store: graph.openStore(access, context),
            idempotencyKeys: request.headersDistinct["idempotency-key"] ?? [],
            body: () => readBody(request, maxBytes),
            maxItems: config.maxItems,
          });
        },
      });
    },
  };
}

function methodsOf(methods: Endpoint["methods"]): string[] {
  return Object.keys(methods).flatMap((method) => (method === "GET" ? ["GET", "HEAD"] : [method]));
}

function operationOf(methods: Endpoint["methods"], { request: { method } }: Exchange): Operation {
  const operation = Object.entries(methods).find(([name]) => name === method || (name === "GET" && method === "HEAD"));
  // The route is asked for its own methods only.
  if (operation === undefined) throw new Error(`The endpoint has no ${method}.`);
  return operation[1];
}

function decodeAll(groups: Record<string, string | undefined>): RestUrl["segments"] {
  return Object.fromEntries(
    Object.entries(groups).map(([name, segment]) => [name, segment === undefined ? undefined : decode(segment)]),
  );
}

/** A segment of the path as text; one that is not percent-encoded as it should be stands for itself. */
function decode(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}
