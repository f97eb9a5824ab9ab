/** The address of a PostgreSQL in libpq's form: `postgres://user:password@host1:5432,host2:5433/database?…`. */
export interface DatabaseUrl {
  /** The hosts and ports as the URL has them, for messages: the URL itself may hold a password. */
  hosts: string;
  /** One URL for each host, in their order. */
  urls: readonly string[];
  /** The requested kind of host, in libpq's words (`target_session_attrs`); null where the URL names none. */
  target: string | null;
}

const FORM = /^(postgres(?:ql)?:\/\/(?:[^/?#]*@)?)([^/?#]*)(.*)$/;
const DEFAULT_PORT = 5432;
const TARGET = "target_session_attrs";

/** The parts of the URL; null for a text that is no such URL. */
export function parseDatabaseUrl(text: string): DatabaseUrl | null {
  const [, scheme = "", hosts = "", rest = ""] = FORM.exec(text) ?? [];
  if (hosts + rest === "") return null;
  // The URL class accepts a single host only.
  const urls = hosts.split(",").map((host) => parseUrl(scheme + host + rest));
  if (!urls.every((url) => url !== null)) return null;
  if (urls.length > 1 && urls.some(({ hostname }) => hostname === "")) return null;
  const target = urls[0]?.searchParams.get(TARGET) ?? null;
  // postgres.js would choose among the hosts itself, and retry forever while all of them are away.
  for (const { searchParams } of urls) searchParams.delete(TARGET);
  return { hosts, urls: urls.map(({ href }) => href), target };
}

/** The hosts and ports of a URL from the settings, for messages; empty for a text that is no such URL. */
export function hostsOf(url: string): string {
  return parseDatabaseUrl(url)?.hosts ?? "";
}

/**
 * Options that postgres.js needs beside a URL of one host, because it reads no IPv6 address from a URL. Its types omit
 * that these may be arrays.
 */
export function hostOption(url: string): Record<string, unknown> {
  const { hostname, port } = new URL(url);
  return hostname.startsWith("[") ? { host: [hostname.slice(1, -1)], port: [Number(port || DEFAULT_PORT)] } : {};
}

function parseUrl(text: string): URL | null {
  try {
    const url = new URL(text);
    // postgres.js decodes these, and throws where it cannot.
    decodeURIComponent(url.username + url.password + url.hostname);
    return url;
  } catch {
    return null;
  }
}
