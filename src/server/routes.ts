import { DIALECTS } from "../rest/dialects.ts";
import { createEndpointPattern } from "./dialect-route.ts";
import { createGraphQLRoute } from "./graphql-route.ts";
import { createLiveRoute, createReadyRoute } from "./health.ts";
import { createMetricsRoute } from "./metrics-route.ts";
import { createAssetRoutes } from "./pages/assets.ts";
import { createViewer } from "./pages/viewer.ts";
import type { Pattern, Route } from "./route.ts";
import type { Services } from "./services.ts";
import { createUnknownPattern, HOME, UNKNOWN } from "./standing-routes.ts";

/** Finds the route that a path belongs to. */
export type FindRoute = (path: string) => Route;

/** The routes of the server: single paths, then patterns in their order. A path that is neither names nothing. */
export function createRoutes(services: Services): FindRoute {
  const viewer = services.config.viewer ? createViewer(services) : null;
  const paths = new Map<string, Route>([
    ["/", viewer?.home ?? HOME],
    ["/graphql", createGraphQLRoute(services)],
    ["/health/live", createLiveRoute(services)],
    ["/health/ready", createReadyRoute(services)],
    ...createMetricsRoute(services),
    ...createAssetRoutes(services),
  ]);
  const patterns: readonly Pattern[] = [
    ...DIALECTS.flatMap((dialect) =>
      dialect.endpoints.map((endpoint) => createEndpointPattern(dialect, endpoint, services)),
    ),
    ...DIALECTS.flatMap(createUnknownPattern),
    ...(viewer === null ? [] : [viewer.files]),
  ];
  return (path) => paths.get(path) ?? findByPattern(patterns, path) ?? UNKNOWN;
}

function findByPattern(patterns: readonly Pattern[], path: string): Route | undefined {
  for (const { expression, toRoute } of patterns) {
    const match = expression.exec(path);
    if (match !== null) return toRoute(match.groups ?? {});
  }
  return undefined;
}
