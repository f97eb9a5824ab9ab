import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";

import type { Page } from "./cached-page.ts";
import { createOpenApiDocument } from "./rest/openapi.ts";

const HTML = `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>conversation-graph: the REST lists</title>
    <link rel="stylesheet" href="docs/swagger-ui.css">
    <link rel="icon" href="docs/favicon-32x32.png">
  </head>
  <body>
    <div id="swagger-ui"></div>
    <script src="docs/swagger-ui-bundle.js"></script>
    <script src="docs/start.js"></script>
  </body>
</html>
`;

// A file of its own, so that the page needs no inline script. The validator is a service on the internet.
const START = `SwaggerUIBundle({
  url: "openapi.json",
  dom_id: "#swagger-ui",
  deepLinking: true,
  defaultModelsExpandDepth: 0,
  displayRequestDuration: true,
  tryItOutEnabled: true,
  validatorUrl: null,
});
`;

/** Nothing from elsewhere, no script but the page's own files, and no request but to this server. */
const HEADERS = {
  "content-security-policy": [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self' 'unsafe-inline'",
    "img-src 'self' data:",
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join("; "),
  "x-content-type-options": "nosniff",
  "referrer-policy": "no-referrer",
};

/** The OpenAPI document and the page that shows it, by path. The page needs no internet: its files are of this server. */
export const DOCS_PAGES: Record<string, Page> = {
  "/openapi.json": {
    contentType: "application/json; charset=utf-8",
    render: async () => JSON.stringify(createOpenApiDocument()),
  },
  "/docs": { contentType: "text/html; charset=utf-8", render: async () => HTML, headers: HEADERS },
  "/docs/start.js": asset("text/javascript; charset=utf-8", async () => START),
  "/docs/swagger-ui-bundle.js": asset("text/javascript; charset=utf-8", () => installed("swagger-ui-bundle.js")),
  "/docs/swagger-ui.css": asset("text/css; charset=utf-8", () => installed("swagger-ui.css")),
  "/docs/favicon-32x32.png": asset("image/png", () => installed("favicon-32x32.png")),
};

function asset(contentType: string, render: Page["render"]): Page {
  return { contentType, render, headers: { "x-content-type-options": "nosniff" } };
}

function installed(file: string): Promise<Buffer> {
  return readFile(createRequire(import.meta.url).resolve(`swagger-ui-dist/${file}`));
}
