import type { IncomingMessage, ServerResponse } from "node:http";

import { LRUCache } from "lru-cache";

import { type AllowsOrigin, createAllowsOrigin } from "./origins.ts";

export interface CorsOptions {
  /** The origins that the setting names. */
  origins: readonly string[];
  /** Whether an origin that the setting does not name is allowed all the same. Never rejects. */
  trusts(origin: string): Promise<boolean>;
  /** Hears of an origin that is refused: once, until many others were. */
  refused(origin: string): void;
}

/** Lets a browser's page read the answer when its origin is an allowed one. Sets the headers of the response, on every surface alike. */
export type AllowOrigin = (origin: string, request: IncomingMessage, response: ServerResponse) => Promise<void>;

// What any page sends is bounded: in number, and by the form of an origin in bytes.
const REMEMBERED = 100;
const LONGEST_ORIGIN = 300;

// Longer than any client's; only what can be a name of a header is repeated.
const LONGEST_NAMES = 2000;

/** The rules of the settings for requests that name their origin. */
export function createAllowOrigin({ origins, trusts, refused }: CorsOptions): AllowOrigin {
  const allows: AllowsOrigin = createAllowsOrigin(origins);
  const told = new LRUCache<string, true>({ max: REMEMBERED });
  return async (origin, request, response) => {
    if (allows(origin) || (await trusts(origin))) {
      response.setHeader("access-control-allow-origin", origin);
      response.setHeader("access-control-expose-headers", "x-request-id, retry-after, x-consistency-token");
      if (request.method === "OPTIONS") allowRequest(request, response);
      return;
    }
    if (isOwn(origin, request) || !isOrigin(origin) || told.has(origin)) return;
    told.set(origin, true);
    refused(origin);
  };
}

/** Whether the request is a browser's preflight from an allowed origin. To be called after the origin was looked at. */
export function isPreflight(request: IncomingMessage, response: ServerResponse): boolean {
  return request.method === "OPTIONS" && response.hasHeader("access-control-allow-origin");
}

/** Allows the headers that a preflight names: clients add their own, and none of them opens anything without a key. */
function allowRequest({ headers }: IncomingMessage, response: ServerResponse): void {
  response.setHeader("access-control-allow-methods", "GET, POST, DELETE");
  response.setHeader("access-control-max-age", "600");
  const names = headers["access-control-request-headers"] ?? "";
  if (names.length > LONGEST_NAMES || !/^[\w!#$%&'*+.^`|~, -]+$/.test(names)) return;
  response.setHeader("access-control-allow-headers", names);
}

/** Browsers name the origin of this server's own pages too, when they send anything but a GET. */
function isOwn(origin: string, { headers: { host, "sec-fetch-site": site } }: IncomingMessage): boolean {
  return site === "same-origin" || origin.split("://")[1] === host;
}

function isOrigin(origin: string): boolean {
  if (origin === "null") return true;
  return origin.length <= LONGEST_ORIGIN && URL.canParse(origin) && new URL(origin).origin === origin;
}
