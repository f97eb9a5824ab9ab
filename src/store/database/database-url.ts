/** Where a PostgreSQL is, as libpq reads it: `postgres://user:password@host1:5432,host2:5433/database?…`. */
export interface DatabaseUrl {
  /** The hosts and ports as they stand there, for messages: the URL itself may hold a password. */
  hosts: string;
  /** A URL for each host alone, in their order. */
  urls: readonly string[];
  /** Which of the hosts is asked for, in libpq's words; null where none is. */
  target: string | null;
}

const FORM = /^(postgres(?:ql)?:\/\/(?:[^/?#]*@)?)([^/?#]*)(.*)$/;
const DEFAULT_PORT = 5432;
const TARGET = "target_session_attrs";

/** The parts of the URL; null for what is no such URL. */
export function parseDatabaseUrl(text: string): DatabaseUrl | null {
  const [, scheme = "", hosts = "", rest = ""] = FORM.exec(text) ?? [];
  if (hosts + rest === "") return null;
  // The URL class knows of one host only.
  const urls = hosts.split(",").map((host) => parseUrl(scheme + host + rest));
  if (!urls.every((url) => url !== null)) return null;
  if (urls.length > 1 && urls.some(({ hostname }) => hostname === "")) return null;
  const target = urls[0]?.searchParams.get(TARGET) ?? null;
  // The driver would choose among hosts itself, and never ends to where all of them are away.
  for (const { searchParams } of urls) searchParams.delete(TARGET);
  return { hosts, urls: urls.map(({ href }) => href), target };
}

/** The hosts of a URL of the settings, for messages. */
export function hostsOf(url: string): string {
  return parseDatabaseUrl(url)?.hosts ?? "";
}

/**
 * What postgres.js has to be told beside a URL of one host: it takes an IPv6 address from none. Its types leave out that
 * these may be arrays.
 */
export function hostOption(url: string): Record<string, unknown> {
  const { hostname, port } = new URL(url);
  return hostname.startsWith("[") ? { host: [hostname.slice(1, -1)], port: [Number(port || DEFAULT_PORT)] } : {};
}

function parseUrl(text: string): URL | null {
  try {
    const url = new URL(text);
    // The driver decodes these, and throws where it cannot.
    decodeURIComponent(url.username + url.password + url.hostname);
    return url;
  } catch {
    return null;
  }
}
