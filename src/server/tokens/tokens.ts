import { hash } from "node:crypto";

import { errors, type JWTPayload, type JWTVerifyGetKey, jwtVerify } from "jose";
import { LRUCache } from "lru-cache";

import type { Config } from "../../config.ts";
import type { Logger } from "../../log.ts";
import { ApiError } from "../../model/errors.ts";
import type { Database } from "../../store/database/client.ts";
import { createEnsureProject } from "../../store/keys/projects.ts";
import { CredentialRefused, TOKEN_EXPIRED } from "../credential.ts";
import { readRights, type TokenRights } from "./claims.ts";
import { createJwks } from "./jwks.ts";

/** The caller that a token stands for. */
export interface TokenCaller extends TokenRights {
  /** Milliseconds since 1970 until which the token counts. */
  validUntil: number;
}

/** The tokens of users, signed by an issuer or a backend that the settings name. */
export interface Tokens {
  /**
   * The caller of the token. UNAUTHENTICATED for a token that is not valid, and SERVICE_UNAVAILABLE while the key that it is
   * signed with cannot be read. Creates the token's project where it is new, as `keys create` does.
   */
  find(token: string): Promise<TokenCaller>;
}

// The clocks of issuer and server may be so far apart.
const CLOCK_TOLERANCE_S = 5;

// Longer ones would cost every other caller time before anything is known of their sender.
const MAX_TOKEN_CHARACTERS = 8_192;

// An attacker that could choose among both kinds would sign with the public key as a secret.
const SIGNED_BY_KEY_PAIR = [
  "RS256",
  "RS384",
  "RS512",
  "PS256",
  "PS384",
  "PS512",
  "ES256",
  "ES384",
  "ES512",
  "EdDSA",
  "Ed25519",
];
const SIGNED_BY_SECRET = ["HS256"];

const MOST_REMEMBERED = 10_000;
const MOST_REMEMBERED_BYTES = 8_388_608;
// What an entry takes beside its texts, about.
const ENTRY_BYTES = 300;

interface Remembered {
  caller: TokenCaller;
  expiresAt: number;
}

/** The tokens that the settings ask for. */
export function createTokens(config: Config, database: Database, log: Logger): Tokens {
  // By the token's hash. Only what was verified gets here, and nothing of it counts beyond its `exp`.
  const remembered = new LRUCache<string, Remembered>({
    max: MOST_REMEMBERED,
    maxSize: MOST_REMEMBERED_BYTES,
    sizeCalculation: ({ caller: { scope } }) => ENTRY_BYTES + 2 * (scope.projectId.length + scope.isolationKey.length),
  });
  const ensureProject = createEnsureProject(database);
  let keysChanges = 0;
  const verify = createVerify(config, log, () => {
    keysChanges += 1;
    remembered.clear();
  });
  return {
    async find(token) {
      if (token.length > MAX_TOKEN_CHARACTERS) throw notValid();
      const name = hash("sha256", token, "base64url");
      const known = remembered.get(name);
      if (known !== undefined && Date.now() < known.expiresAt) {
        // The project may have been deleted since.
        await ensureProject(known.caller.scope.projectId);
        return known.caller;
      }
      remembered.delete(name);
      const changesBefore = keysChanges;
      const claims = await verify(token);
      const rights = readRights(claims, config);
      await ensureProject(rights.scope.projectId);
      // `exp` is a number: it is asked for.
      const expiresAt = Number(claims.exp) * 1000;
      const caller = { ...rights, validUntil: expiresAt + CLOCK_TOLERANCE_S * 1000 };
      if (keysChanges === changesBefore) remembered.set(name, { caller, expiresAt });
      return caller;
    },
  };
}

/** Verifies tokens: their signature first, by an algorithm of the one kind that the settings ask for, and then their claims. */
function createVerify(config: Config, log: Logger, keysChanged: () => void): (token: string) => Promise<JWTPayload> {
  const { authJwksUrl: url, authJwtSecretFile: secret, authIssuer, authAudience } = config;
  const options = {
    algorithms: url === undefined ? SIGNED_BY_SECRET : SIGNED_BY_KEY_PAIR,
    clockTolerance: CLOCK_TOLERANCE_S,
    requiredClaims: ["exp"],
    ...(authIssuer !== undefined && { issuer: authIssuer }),
    ...(authAudience !== undefined && { audience: authAudience }),
  };
  const failed = (reason: string) => log.warn({ url, reason }, "the JWKS cannot be read");
  const findKey = url === undefined ? ofSecret(secret) : createJwks({ url, changed: keysChanged, failed });
  return async (token) => {
    try {
      return (await jwtVerify(token, findKey, options)).payload;
    } catch (error) {
      throw toRefusal(error);
    }
  };
}

function ofSecret(secret: Config["authJwtSecretFile"]): JWTVerifyGetKey {
  if (secret === undefined) throw new Error("The settings name no key for tokens.");
  return () => secret;
}

/** The error as the caller may see it. Claims are looked at once the signature is known to be right. */
function toRefusal(error: unknown): ApiError {
  if (error instanceof ApiError) return error;
  if (error instanceof errors.JWTExpired) return new CredentialRefused("expired", TOKEN_EXPIRED);
  if (error instanceof errors.JWTClaimValidationFailed) {
    return new CredentialRefused(
      "invalid",
      `The token is not valid: its claim ${error.claim} is not what is asked for.`,
    );
  }
  // Beside errors of jose's own those of the key that the JWKS has under the token's id: none is the server's fault.
  return notValid();
}

function notValid(): CredentialRefused {
  return new CredentialRefused("invalid", "The token is not valid.");
}
