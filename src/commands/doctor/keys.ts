import { type Config, takesTokens } from "../../config.ts";
import { isLoopback } from "../../http/loopback.ts";
import { callOf } from "../../model/call-of.ts";
import type { KeyRow } from "../../store/keys/keys.ts";
import type { Finding } from "./finding.ts";

const subject = "keys";

/** Judges whether the keys of the database and the address fit together: which callers get in. */
export function judgeKeys(config: Config, keys: readonly KeyRow[]): Finding {
  const valid = keys.filter(({ state }) => state === "valid").length;
  if (valid > 0) return { level: "ok", subject, text: `${valid} of ${keys.length} are valid` };
  if (keys.length > 0) {
    const text = `all ${keys.length} are revoked or have expired, so no caller has access. Create one with \`${callOf("keys")} create\`.`;
    return { level: "warn", subject, text };
  }
  if (takesTokens(config)) return { level: "ok", subject, text: "none, so callers need tokens" };
  if (config.initialKeyFile !== undefined) {
    return { level: "ok", subject, text: `none yet; the next start takes in ${config.initialKeyFile}` };
  }
  if (isLoopback(config.host)) {
    return { level: "ok", subject, text: "none, so the server is open for local use, under loopback hosts" };
  }
  const text = `HOST ${config.host} can be reached by others, and there is no key. Create one with \`${callOf("keys")} create\`.`;
  return { level: "fail", subject, text };
}

/** Findings that need no database: none, unless the start of the server depends on them. */
export function* keysOfAStoppedDatabase(config: Config): Generator<Finding> {
  const { host, initialKeyFile } = config;
  if (isLoopback(host) || initialKeyFile !== undefined || takesTokens(config)) return;
  const text = `HOST ${host} needs a key, and the database does not run. See \`${callOf("keys")} list\`.`;
  yield { level: "warn", subject, text };
}
