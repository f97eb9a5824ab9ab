import type { IncomingMessage } from "node:http";

import { ApiError, badInput } from "./errors.ts";
import { readIsolationKey } from "./isolation-header.ts";
import type { Admission, KeyRing } from "./store/key-ring.ts";
import type { KeyRow } from "./store/keys.ts";
import type { Scope } from "./store/scope.ts";

const OPEN_PROJECT = "default";

/** How a request was let in. */
export interface Access {
  scope: Scope;
  /** For what outlasts the request: tells when its caller would not be let in any more. */
  watch(): Admission;
}

/**
 * What the caller of a request may see, on every surface. Before the first key was ever created the server is open for
 * local use: everyone is the backend of the project `default`, but only loopback hosts are served (FORBIDDEN otherwise),
 * so that no web page can reach it under a name of its own. UNAUTHENTICATED without a valid key; MISSING_REQUIRED_HEADER
 * for a user key without an isolation key; BAD_USER_INPUT for an isolation header that breaks its rules.
 */
export async function authorize(request: IncomingMessage, ring: KeyRing): Promise<Access> {
  const host = request.headers.host ?? "";
  if (await ring.isOpen()) {
    if (!isLoopbackHost(host)) {
      throw new ApiError(
        "FORBIDDEN",
        "Without keys this server answers only under a loopback host, such as localhost.",
      );
    }
    const scope = { projectId: OPEN_PROJECT, isolationKey: readIsolationKey(request) };
    return { scope, watch: () => ring.watch(null) };
  }
  // What is no host at all would make no URL either, in whatever comes after this.
  if (!/^[\w.:[\]-]*$/.test(host)) throw badInput("host", "The header host is not a host.");
  const { id, projectId, access } = await findKey(request, ring);
  const isolationKey = readIsolationKey(request);
  if (access === "user" && isolationKey === null) {
    throw new ApiError("MISSING_REQUIRED_HEADER", "This key needs the header x-ms-user-isolation-key.");
  }
  return { scope: { projectId, isolationKey }, watch: () => ring.watch(id) };
}

/** Whether a host, with or without its port, is this machine: localhost, 127.x.x.x or [::1]. */
function isLoopbackHost(host: string): boolean {
  return /^(localhost|127(\.\d{1,3}){3}|\[::1\])(:\d{1,5})?$/i.test(host);
}

async function findKey(request: IncomingMessage, ring: KeyRing): Promise<KeyRow> {
  const { authorization = [], "api-key": apiKeys = [] } = request.headersDistinct;
  const bearers = authorization.map((value) => /^Bearer +(\S+)$/i.exec(value)?.[1] ?? "");
  const [key, ...others] = new Set([...bearers, ...apiKeys]);
  if (key === undefined) {
    throw new ApiError("UNAUTHENTICATED", "A key is needed: `Authorization: Bearer KEY`, or `api-key: KEY`.");
  }
  const row = others.length === 0 ? await ring.find(key) : null;
  if (row === null) throw new ApiError("UNAUTHENTICATED", "The key is not valid.");
  return row;
}
