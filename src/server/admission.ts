import type { IncomingMessage } from "node:http";
import type { Access } from "../graphql/pipeline/access.ts";
import { readIsolationKey } from "../http/isolation-header.ts";
import { ApiError, badInput } from "../model/errors.ts";
import type { KeyRing } from "../store/keys/key-ring.ts";
import type { KeyRow } from "../store/keys/keys.ts";

const OPEN_PROJECT = "default";

/**
 * What the caller of a request may see, on every surface. Before the first key was ever created the server is open for
 * local use: everyone is the backend of the project `default`, but only loopback hosts are served (FORBIDDEN otherwise),
 * so that no web page can reach it under a name of its own. UNAUTHENTICATED without a valid key; MISSING_REQUIRED_HEADER
 * for a user key without an isolation key; BAD_USER_INPUT for an isolation header that breaks its rules.
 */
export async function authorize(request: IncomingMessage, ring: KeyRing): Promise<Access> {
  if (await ring.isOpen()) {
    checkLoopback(request.headers.host ?? "");
    const scope = { projectId: OPEN_PROJECT, isolationKey: readIsolationKey(request) };
    return { scope, watch: () => ring.watch(null) };
  }
  if (!hasUsableHost(request)) throw badInput("host", "The header host is not a host.");
  const { id, projectId, access } = await findKey(request, ring);
  const isolationKey = readIsolationKey(request);
  if (access === "user" && isolationKey === null) {
    throw new ApiError("MISSING_REQUIRED_HEADER", "This key needs the header x-ms-user-isolation-key.");
  }
  return { scope: { projectId, isolationKey }, watch: () => ring.watch(id) };
}

/**
 * What holds for pages that need no key: while the server is open, they too are served only under loopback hosts
 * (FORBIDDEN otherwise). As of the last look at the keys, as these pages wait for no database.
 */
export function checkHost(request: IncomingMessage, ring: KeyRing): void {
  if (ring.wasOpen()) checkLoopback(request.headers.host ?? "");
}

/** Whether a URL can be made of the request's host, without which nothing behind this can answer. */
export function hasUsableHost({ headers: { host = "" } }: IncomingMessage): boolean {
  // HTTP/1.0 has none.
  return host === "" || isHost(host);
}

function checkLoopback(host: string): void {
  if (isHost(host) && isLoopback(host)) return;
  throw new ApiError("FORBIDDEN", "Without keys this server answers only under a loopback host, such as localhost.");
}

/** Whether the text is a host, with or without its port. */
function isHost(host: string): boolean {
  return /^[\w.:[\]-]+$/.test(host) && URL.canParse(`http://${host}/`);
}

/** Whether a host, with or without its port, is this machine: localhost, 127.x.x.x or [::1]. */
function isLoopback(host: string): boolean {
  return /^(localhost|127(\.\d{1,3}){3}|\[::1\])(:\d{1,5})?$/i.test(host);
}

async function findKey(request: IncomingMessage, ring: KeyRing): Promise<KeyRow> {
  const { authorization = [], "api-key": apiKeys = [] } = request.headersDistinct;
  // Other schemes are for whoever stands in front.
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
