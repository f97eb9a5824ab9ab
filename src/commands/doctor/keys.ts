import type { Config } from "../../config.ts";
import { isLoopback } from "../../http/loopback.ts";
import type { KeyRow } from "../../store/keys/keys.ts";
import type { Finding } from "./finding.ts";

const subject = "keys";

/** Whether those who can reach the server are let in as they should be, where these are the keys of its database. */
export function judgeKeys(config: Config, keys: readonly KeyRow[]): Finding {
  const valid = keys.filter(({ revokedAt }) => revokedAt === null).length;
  if (valid > 0) return { level: "ok", subject, text: `${valid} of ${keys.length} are valid` };
  if (keys.length > 0) {
    const text = `all ${keys.length} are revoked, so nobody is let in. Create one with \`npm run keys -- create\`.`;
    return { level: "warn", subject, text };
  }
  if (config.initialKeyFile !== undefined) {
    return { level: "ok", subject, text: `none yet; the next start takes in ${config.initialKeyFile}` };
  }
  if (isLoopback(config.host)) {
    return { level: "ok", subject, text: "none, so the server is open for local use, under loopback hosts" };
  }
  const text = `HOST ${config.host} can be reached by others, and there is no key. Create one with \`npm run keys -- create\`.`;
  return { level: "fail", subject, text };
}

/** What can be said without asking: nothing, unless it decides whether the server starts. */
export function* keysOfAStoppedDatabase({ host, initialKeyFile }: Config): Generator<Finding> {
  if (isLoopback(host) || initialKeyFile !== undefined) return;
  const text = `HOST ${host} needs a key, and the database does not run to be asked. \`npm run keys -- list\` tells.`;
  yield { level: "warn", subject, text };
}
