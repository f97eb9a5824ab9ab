import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

import type { Asset } from "../../http/cached-asset.ts";
import { createOpenApiDocument } from "../../rest/openapi.ts";
import { html, image, json, script, style } from "./asset-kinds.ts";

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

// A file of its own, so that the page needs no inline script. No validator: Swagger UI's is a service on the internet.
const START = `const dark = matchMedia("(prefers-color-scheme: dark)");
const follow = () => document.documentElement.classList.toggle("dark-mode", dark.matches);
dark.addEventListener("change", follow);
follow();
SwaggerUIBundle({
  url: "openapi.json",
  dom_id: "#swagger-ui",
  deepLinking: true,
  defaultModelsExpandDepth: 0,
  displayRequestDuration: true,
  tryItOutEnabled: true,
  validatorUrl: null,
});
`;

/** The OpenAPI document and the page that shows it, by path. The page needs no internet: this server has its files. */
export const DOCS_FILES: Record<string, Asset> = {
  "/openapi.json": json(async () => JSON.stringify(createOpenApiDocument())),
  "/docs": html(async () => HTML),
  "/docs/start.js": script(async () => START),
  "/docs/swagger-ui-bundle.js": script(() => installed("swagger-ui-bundle.js")),
  "/docs/swagger-ui.css": style(() => installed("swagger-ui.css")),
  "/docs/favicon-32x32.png": image("png", () => installed("favicon-32x32.png")),
};

function installed(file: string): Promise<Buffer> {
  const require = createRequire(import.meta.url);
  return readFile(join(dirname(require.resolve("swagger-ui-dist")), file));
}
