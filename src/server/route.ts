import type { IncomingMessage, ServerResponse } from "node:http";

import type { Access } from "../graphql/schema/context.ts";
import type { Answer } from "../http/answer.ts";
import type { AccessControl } from "./access.ts";
import type { RequestLog } from "./telemetry/request-log.ts";

/** One request while it passes through the server. */
export interface Exchange {
  request: IncomingMessage;
  response: ServerResponse;
  requestId: string;
  path: string;
  /** What follows the question mark. */
  query: string;
  log: RequestLog;
  /** Aborted when the caller is gone before the answer is sent. */
  signal: AbortSignal;
}

/** What answers the requests of one kind of URL. */
export interface Route {
  /** The name in the log. */
  surface: string;
  methods: readonly string[];
  /** What it throws, `fail` puts into the surface's envelope. */
  answer(exchange: Exchange): Promise<Answer>;
  fail(error: unknown, exchange: Exchange): Answer;
}

/** Paths with a route for each. */
export interface Pattern {
  expression: RegExp;
  /** The route for a path, by what the expression's named groups match in it. */
  toRoute(groups: Record<string, string | undefined>): Route;
}

/** The methods of a route that only reads. */
export const READ: readonly string[] = ["GET", "HEAD"];

/** A route for callers that may see something of a project. */
interface ScopedRoute<Checked> extends Omit<Route, "answer"> {
  /**
   * Throws for what is wrong with the request itself, and gives what it read of it. Asks no database and reads no body: it
   * runs before the caller's access is known.
   */
  check(exchange: Exchange): Checked;
  /**
   * The answer to what is wrong with the body; null where nothing is. Runs while the database is asked for the keys, so that
   * such an answer waits for no database; not where the keys are at hand.
   */
  refuse?(exchange: Exchange, checked: Checked): Promise<Answer | null>;
  answer(exchange: Exchange, access: Access, checked: Checked): Promise<Answer>;
}

/** The route with the caller's access, which is known before the route begins. Rejects as `AccessControl.find` does. */
export function withAccess<Checked>(control: AccessControl, route: ScopedRoute<Checked>): Route {
  return {
    ...route,
    async answer(exchange) {
      const checked = route.check(exchange);
      const found = control.find(exchange.request);
      if (route.refuse !== undefined && !control.isAtHand(exchange.request)) {
        // Without a listener a rejection that comes first would end the process.
        found.catch(() => {});
        const refusal = await route.refuse(exchange, checked);
        if (refusal !== null) return refusal;
      }
      const access = await found;
      exchange.log.caller(access.scope.projectId, access.scope.isolationKey);
      return route.answer(exchange, access, checked);
    },
  };
}

/** The route for callers that need no key, under the hosts that `AccessControl.checkHost` allows. */
export function withHostCheck(control: AccessControl, route: Route): Route {
  return {
    ...route,
    async answer(exchange) {
      control.checkHost(exchange.request);
      return route.answer(exchange);
    },
  };
}
