import type { IncomingMessage } from "node:http";

import type { Access } from "../graphql/schema/context.ts";
import { readIsolationKey } from "../http/isolation-header.ts";
import { isHost, isLoopback, isLoopbackHost } from "../http/loopback.ts";
import { isLoopbackOrigin } from "../http/origins.ts";
import { ApiError, badInput } from "../model/errors.ts";
import type { KeyRing } from "../store/keys/key-ring.ts";
import type { KeyRow } from "../store/keys/keys.ts";
import type { Scope } from "../store/sql/scope.ts";
import type { SubscriptionLimit } from "./subscription-limit.ts";

const OPEN_PROJECT = "default";

/** Decides which requests are answered, and what each of them may see. */
export interface AccessControl {
  /**
   * What the caller of a request may see, on every surface. While the server is open for local use, every caller is the
   * backend of the project `default`, but only peers on this machine are served, and under loopback hosts only (FORBIDDEN
   * otherwise), so that no web page can reach it under a name of its own. Where it is not open and has no key yet, every
   * caller is FORBIDDEN. UNAUTHENTICATED without a valid key; MISSING_REQUIRED_HEADER for a user key without an isolation
   * key; BAD_USER_INPUT for an isolation header that breaks its rules, which is known before the database is asked. One
   * statement a second at most, for all requests together.
   */
  find(request: IncomingMessage): Promise<Access>;
  /** Whether `find` needs no statement now. */
  isAtHand(): boolean;
  /**
   * What holds for pages that need no key: while the server is open, they too are served only under loopback hosts
   * (FORBIDDEN otherwise). As of the last look at the keys, as these pages wait for no database.
   */
  checkHost(request: IncomingMessage): void;
  /**
   * Whether pages of this origin may read answers although no setting names it: while the server is open, those that this
   * machine serves. False where the keys cannot be read.
   */
  trustsOrigin(origin: string): Promise<boolean>;
}

/** Access by the keys of this ring, with this limit on what a key may watch. */
export function createAccessControl(ring: KeyRing, subscriptions: SubscriptionLimit): AccessControl {
  const toAccess = (keyId: string | null, scope: Scope): Access => {
    const caller = { key: keyId ?? "", user: scope.isolationKey ?? "" };
    return { scope, caller, watch: () => subscriptions.count(caller, () => ring.watch(keyId)) };
  };
  return {
    async find(request) {
      const isolationKey = readIsolationKey(request);
      if (await ring.isOpen()) {
        checkLocal(request);
        return toAccess(null, { projectId: OPEN_PROJECT, isolationKey });
      }
      if (ring.isEmpty())
        throw new ApiError("FORBIDDEN", "No key exists yet: create one with `npm run keys -- create`.");
      if (!hasUsableHost(request)) throw badInput("host", "The header host is not a host.");
      const { id, projectId, access } = await findKey(request, ring);
      if (access === "user" && isolationKey === null) {
        throw new ApiError("MISSING_REQUIRED_HEADER", "This key needs the header x-ms-user-isolation-key.");
      }
      return toAccess(id, { projectId, isolationKey });
    },
    isAtHand: () => ring.isFresh(),
    checkHost(request) {
      if (ring.wasOpen()) checkLocal(request);
    },
    trustsOrigin: async (origin) => isLoopbackOrigin(origin) && (await ring.isOpen().catch(() => false)),
  };
}

/** Whether a URL can be made of the request's host, without which nothing behind this can answer. */
function hasUsableHost({ headers: { host = "" } }: IncomingMessage): boolean {
  // HTTP/1.0 has none.
  return host === "" || isHost(host);
}

function checkLocal({ socket, headers: { host = "" } }: IncomingMessage): void {
  if (!isLoopback(socket.remoteAddress ?? "")) {
    throw new ApiError("FORBIDDEN", "Without keys this server answers only callers on its own machine.");
  }
  if (isHost(host) && isLoopbackHost(host)) return;
  throw new ApiError("FORBIDDEN", "Without keys this server answers only under a loopback host, such as localhost.");
}

async function findKey(request: IncomingMessage, ring: KeyRing): Promise<KeyRow> {
  const { authorization = [], "api-key": apiKeys = [] } = request.headersDistinct;
  // Other schemes belong to what stands in front of the server.
  const bearers = authorization.filter((value) => /^Bearer\b/i.test(value)).map(readBearer);
  const [key, ...others] = new Set([...bearers, ...apiKeys]);
  if (key === undefined) {
    throw new ApiError("UNAUTHENTICATED", "A key is needed: `Authorization: Bearer KEY`, or `api-key: KEY`.");
  }
  const row = others.length === 0 ? await ring.find(key) : null;
  if (row === null) throw new ApiError("UNAUTHENTICATED", "The key is not valid.");
  return row;
}

function readBearer(authorization: string): string {
  return /^Bearer +(\S+)$/i.exec(authorization)?.[1] ?? "";
}
