import type { Dialect } from "../rest/dialect.ts";
import { type Exchange, type Pattern, READ, withAccess } from "./route.ts";
import type { Services } from "./services.ts";

/** The routes of a dialect's list: one for each value of the segment that varies. */
export function createListPattern(dialect: Dialect, { access: control, graph }: Services): Pattern {
  return {
    expression: dialect.paths,
    toRoute(encoded) {
      const segment = encoded === undefined ? null : decode(encoded);
      const toUrl = ({ request: { method = "" }, path }: Exchange) => ({ method, path, segment });
      return withAccess(control, {
        surface: dialect.surface,
        methods: READ,
        fail: dialect.fail,
        check(exchange) {
          const query = new URLSearchParams(exchange.query);
          dialect.check(toUrl(exchange), query);
          return { query, context: graph.toContext(exchange) };
        },
        answer: (exchange, access, { query, context }) =>
          dialect.list(toUrl(exchange), access.scope.projectId, {
            query,
            run: (stored, variables) => graph.run(stored, variables, access, context),
          }),
      });
    },
  };
}

/** A segment of the path as text; one that is not percent-encoded as it should be stands for itself. */
function decode(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}
