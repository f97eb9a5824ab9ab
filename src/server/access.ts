import type { IncomingMessage } from "node:http";
import type { Access } from "../graphql/schema/context.ts";
import { ISOLATION_HEADERS, readIsolationKey } from "../http/isolation-header.ts";
import { isHost, isLoopback, isLoopbackHost } from "../http/loopback.ts";
import { isLoopbackOrigin } from "../http/origins.ts";
import { callOf } from "../model/call-of.ts";
import { ApiError, badInput, toApiError } from "../model/errors.ts";
import { DEFAULT_PROJECT } from "../model/rules.ts";
import { type AccessWatch, KEY_EXPIRED, type KeyRing } from "../store/keys/key-ring.ts";
import type { KeyRow } from "../store/keys/keys.ts";
import { type Credential, CredentialRefused, readCredential, TOKEN_EXPIRED } from "./credential.ts";
import type { SubscriptionLimit } from "./subscription-limit.ts";
import type { Metrics } from "./telemetry/metrics.ts";
import type { TokenCaller, Tokens } from "./tokens/tokens.ts";
import { watchExpiry } from "./tokens/watch-expiry.ts";

const KEY_NEEDED = "A key is needed: `Authorization: Bearer KEY`, or `api-key: KEY`.";
const KEY_OR_TOKEN_NEEDED = "A key or a token is needed: `Authorization: Bearer KEY`, or `api-key: KEY`.";

/** Decides which requests are answered, and what each of them may see. */
export interface AccessControl {
  /**
   * What the caller of a request may see, on every surface. While the server is open for local use, every caller is the
   * backend of the project `default`, but only peers on this machine are served, and under loopback hosts only (FORBIDDEN
   * otherwise), so that no web page can reach it under a name of its own. Where it is not open and has no key yet, every
   * caller is FORBIDDEN. UNAUTHENTICATED without a valid key or token; MISSING_REQUIRED_HEADER for a user key without an
   * isolation key; FORBIDDEN for an isolation key that is another user's than the key or token; BAD_USER_INPUT for an isolation
   * header that breaks its rules, which is known before the database is asked. For keys one statement a second at most, for all
   * requests together; for tokens one a minute and project.
   */
  find(request: IncomingMessage): Promise<Access>;
  /** Whether `find` does not ask the database for the keys now. */
  isAtHand(request: IncomingMessage): boolean;
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

interface Sources {
  ring: KeyRing;
  /** Null where no tokens are taken. */
  tokens: Tokens | null;
  subscriptions: SubscriptionLimit;
  metrics: Metrics | null;
}

/** Who a request comes from, and what lets it in. */
interface Admitted extends Pick<Access, "scope" | "readOnly"> {
  kind: "open" | "key" | "token";
  /** What takes turns at the database. */
  key: string;
  watch(): AccessWatch;
}

/** Access by the keys of this ring and by these tokens, with this limit on what a key may watch. */
export function createAccessControl({ ring, tokens, subscriptions, metrics }: Sources): AccessControl {
  const read = (request: IncomingMessage) => readCredential(request, tokens !== null);
  const admit = async (request: IncomingMessage, credential: Credential): Promise<Admitted> => {
    const header = readIsolationKey(request);
    if (tokens !== null && credential.kind === "token") {
      checkUsable(request);
      return admitToken(await tokens.find(credential.text), header);
    }
    if (await ring.isOpen()) {
      checkLocal(request);
      const scope = { projectId: DEFAULT_PROJECT, isolationKey: header };
      return { kind: "open", key: "", scope, readOnly: false, watch: () => ring.watch(null) };
    }
    if (ring.isEmpty() && tokens === null)
      throw new ApiError("FORBIDDEN", `No key exists yet: create one with \`${callOf("keys")} create\`.`);
    checkUsable(request);
    if (credential.kind === "none")
      throw new CredentialRefused("missing", tokens === null ? KEY_NEEDED : KEY_OR_TOKEN_NEEDED);
    const { id, projectId, access, isolationKey: bound, readOnly } = await findKey(credential, ring);
    const isolationKey = userOf(bound, header);
    if (access === "user" && isolationKey === null) {
      throw new ApiError("MISSING_REQUIRED_HEADER", "This key needs the header x-ms-user-isolation-key.");
    }
    return { kind: "key", key: id, scope: { projectId, isolationKey }, readOnly, watch: () => ring.watch(id) };
  };
  return {
    async find(request) {
      const credential = read(request);
      try {
        const { kind, key, scope, readOnly, watch } = await admit(request, credential);
        metrics?.access(kind, "granted");
        const caller = { project: scope.projectId, key, user: scope.isolationKey ?? "" };
        return { scope, caller, readOnly, watch: () => subscriptions.count(caller, watch) };
      } catch (error) {
        metrics?.access(credential.kind, outcomeOf(error));
        throw error;
      }
    },
    isAtHand: (request) => ring.isFresh() || read(request).kind === "token",
    checkHost(request) {
      if (ring.wasOpen()) checkLocal(request);
    },
    trustsOrigin: async (origin) => isLoopbackOrigin(origin) && (await ring.isOpen().catch(() => false)),
  };
}

function outcomeOf(error: unknown): string {
  return error instanceof CredentialRefused ? error.refusal : toApiError(error).code.toLowerCase();
}

function admitToken({ scope, readOnly, validUntil }: TokenCaller, header: string | null): Admitted {
  const { projectId, isolationKey } = scope;
  return {
    kind: "token",
    // No key has such an id.
    key: `tokens of ${projectId}`,
    scope: { projectId, isolationKey: userOf(isolationKey, header) },
    readOnly,
    watch: () => watchExpiry(validUntil, new CredentialRefused("expired", TOKEN_EXPIRED)),
  };
}

/** Throws where no URL can be made of the request's host, without which nothing behind this can answer. */
function checkUsable({ headers: { host = "" } }: IncomingMessage): void {
  // HTTP/1.0 has none.
  if (host !== "" && !isHost(host)) throw badInput("host", "The header host is not a host.");
}

function checkLocal({ socket, headers: { host = "" } }: IncomingMessage): void {
  if (!isLoopback(socket.remoteAddress ?? "")) {
    throw new ApiError("FORBIDDEN", "Without keys this server answers only callers on its own machine.");
  }
  if (isHost(host) && isLoopbackHost(host)) return;
  throw new ApiError("FORBIDDEN", "Without keys this server answers only under a loopback host, such as localhost.");
}

async function findKey(credential: Credential, ring: KeyRing): Promise<KeyRow> {
  const row = credential.kind === "key" ? await ring.find(credential.text) : null;
  if (row?.state === "valid") return row;
  if (row?.state === "expired") throw new CredentialRefused("expired", KEY_EXPIRED);
  throw new CredentialRefused(row?.state ?? "invalid", "The key is not valid.");
}

/** The user that a caller is bound to, which the header may repeat; the header's user for a caller that is bound to none. */
function userOf(bound: string | null, header: string | null): string | null {
  if (bound === null || header === null || header === bound) return bound ?? header;
  const [name] = ISOLATION_HEADERS;
  throw new ApiError("FORBIDDEN", `The header ${name} names another user than the caller's own.`, name);
}
