import type { Asset } from "../../http/cached-asset.ts";

const AS_IT_SAYS = { "x-content-type-options": "nosniff" };

// Nothing from elsewhere, no script but the page's own files, and no request but to this server.
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

/** An HTML page that lives on files of this server alone. */
export function html(render: Render): Asset {
  const headers = { ...AS_IT_SAYS, "content-security-policy": POLICY, "referrer-policy": "no-referrer" };
  return { contentType: "text/html; charset=utf-8", render, headers };
}

/** A classic script, or a worker's. */
export function script(render: Render): Asset {
  return { contentType: "text/javascript; charset=utf-8", render, headers: AS_IT_SAYS };
}

/** A style sheet. */
export function style(render: Render): Asset {
  return { contentType: "text/css; charset=utf-8", render, headers: AS_IT_SAYS };
}

/** A picture of the type `image/TYPE`. */
export function image(type: string, render: Render): Asset {
  return { contentType: `image/${type}`, render, headers: AS_IT_SAYS };
}

/** A JSON document, for tools. */
export function json(render: Render): Asset {
  return { contentType: "application/json; charset=utf-8", render };
}
