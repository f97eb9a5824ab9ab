import { type Config, takesTokens } from "../../config.ts";
import { isLoopbackHost } from "../../http/loopback.ts";
import { fetchJwks } from "../../server/tokens/fetch-jwks.ts";
import { reasonOf } from "../reason.ts";
import type { Finding } from "./finding.ts";

const subject = "tokens";

/** Findings about the tokens that let users in, and whether the JWKS can be read: none where no setting asks for tokens. */
export async function* examineTokens(config: Config): AsyncGenerator<Finding> {
  if (!takesTokens(config)) return;
  const { authIssuer, authAudience, authUserClaim, authProject, authProjectClaim, authWriteScope } = config;
  const parts = [
    config.authJwksUrl === undefined ? "signed with a secret (HS256)" : `signed with the keys of ${config.authJwksUrl}`,
    `from ${authIssuer ?? "any issuer"} for ${authAudience ?? "any audience"}`,
    `a user is the claim ${authUserClaim}`,
    authProjectClaim === undefined ? `the project is ${authProject}` : `the project is the claim ${authProjectClaim}`,
    authWriteScope === undefined ? "each may write" : `the scope ${authWriteScope} may write`,
  ];
  yield { level: "ok", subject, text: parts.join("; ") };
  if (config.authJwksUrl !== undefined) yield* examineJwks(config.authJwksUrl);
}

async function* examineJwks(url: string): AsyncGenerator<Finding> {
  const { protocol, host } = new URL(url);
  if (protocol === "http:" && !isLoopbackHost(host)) {
    const text = `AUTH_JWKS_URL has no https: whoever stands between can sign tokens. Use https, or trust the network to ${host}.`;
    yield { level: "warn", subject, text };
  }
  try {
    const count = countKeys(JSON.parse(await fetchJwks(url)));
    if (count > 0) yield { level: "ok", subject, text: `the JWKS has ${count} ${count === 1 ? "key" : "keys"}` };
    else yield { level: "fail", subject, text: "AUTH_JWKS_URL names a document without keys. Correct it." };
  } catch (error) {
    const text = `AUTH_JWKS_URL: the JWKS cannot be read: ${reasonOf(error)}. Until it is there, tokens are answered with 503.`;
    yield { level: "fail", subject, text };
  }
}

function countKeys(jwks: unknown): number {
  const keys = typeof jwks === "object" && jwks !== null && "keys" in jwks ? jwks.keys : null;
  return Array.isArray(keys) ? keys.length : 0;
}
