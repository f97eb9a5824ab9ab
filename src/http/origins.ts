import { isLoopbackHost } from "./loopback.ts";

/** Whether the origins of the setting let pages of this origin in. A star stands for one or more subdomains. */
export type AllowsOrigin = (origin: string) => boolean;

const STAR = "*.";

/** The check for origins that `originFault` finds nothing wrong with. */
export function createAllowsOrigin(origins: readonly string[]): AllowsOrigin {
  const named = new Set(origins);
  const starred = origins.flatMap((origin) => {
    const [scheme = "", domain] = origin.split(STAR);
    return domain === undefined ? [] : [{ scheme, domain: `.${domain}` }];
  });
  return (origin) =>
    named.has(origin) ||
    starred.some(
      ({ scheme, domain }) =>
        origin.startsWith(scheme) &&
        origin.endsWith(domain) &&
        /^[a-z\d-][a-z\d.-]*$/.test(origin.slice(scheme.length, -domain.length)),
    );
}

/** Whether the origin is that of a page which this machine serves. */
export function isLoopbackOrigin(origin: string): boolean {
  const [scheme, host = ""] = origin.split("://");
  return (scheme === "http" || scheme === "https") && isLoopbackHost(host);
}

/** What is wrong with an origin of the setting, and what to write instead; null for nothing. */
export function originFault(text: string): string | null {
  if (text === "*") return "would let every page on the web in: name the origins";
  const [, scheme, star = "", place = ""] = /^(?:([a-z]+):\/\/)?(\*\.)?(.*)$/i.exec(text) ?? [];
  const url = `${scheme ?? "https"}://${place}`;
  if (place.includes("*"))
    return "has a star that does not stand for subdomains, as that of https://*.example.com does";
  if (!URL.canParse(url) || !/^https?:/i.test(url)) return "is not an origin such as https://app.example.com";
  const { protocol, host, hostname } = new URL(url);
  if (star !== "" && !hostname.includes(".")) return "has no domain behind the star, as https://*.example.com has";
  const written = `${protocol}//${star}${host}`;
  if (written === text) return null;
  return scheme === undefined ? `has no scheme: write ${written}` : `is more than an origin: write ${written}`;
}
