import type { Asset } from "../../http/cached-asset.ts";

const NO_SNIFFING = { "x-content-type-options": "nosniff" };

// The page loads and asks nothing but this server, and runs no script but this server's files.
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "worker-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "font-src 'self' data:",
  "img-src 'self' data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join("; ");

type Render = Asset["render"];

/** An HTML page that loads files of this server alone, with a policy of its own where GraphiQL's and Swagger UI's is too wide. */
export function html(render: Render, policy = POLICY): Asset {
  const headers = { ...NO_SNIFFING, "content-security-policy": policy, "referrer-policy": "no-referrer" };
  return { contentType: "text/html; charset=utf-8", render, headers };
}

/** A classic script, or a worker's. */
export function script(render: Render): Asset {
  return { contentType: "text/javascript; charset=utf-8", render, headers: NO_SNIFFING };
}

/** A style sheet. */
export function style(render: Render): Asset {
  return { contentType: "text/css; charset=utf-8", render, headers: NO_SNIFFING };
}

/** A picture of the type `image/TYPE`. */
export function image(type: string, render: Render): Asset {
  return { contentType: `image/${type}`, render, headers: NO_SNIFFING };
}

/** A JSON document, for tools. */
export function json(render: Render): Asset {
  return { contentType: "application/json; charset=utf-8", render };
}
