import type { Config } from "../../config.ts";
import type { ViewerBundle } from "./viewer-bundle.ts";

// No script, style or connection but this server's. DOMPurify's policy alone makes HTML of text, and only for `innerHTML`.
export const VIEWER_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "connect-src 'self'",
  "img-src 'self' data:",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
  "trusted-types dompurify",
].join("; ");

const ICON =
  "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16'%3E%3Cpath fill='%234f5bd5' d='M2 2h12v9H8l-4 3v-3H2z'/%3E%3C/svg%3E";

/** The viewer's HTML. Its links name only pages that this server has. */
export function viewerHtml({ script, style }: ViewerBundle, config: Config): string {
  return `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <meta name="color-scheme" content="light dark">
    <title>Conversations</title>
    <link rel="icon" href="${ICON}">
    <link rel="stylesheet" href="viewer/${style.name}">
    <script type="module" src="viewer/${script.name}"></script>
  </head>
  <body>
    <noscript>This page needs JavaScript.</noscript>
    <div id="root" data-graphiql="${config.graphiql}" data-docs="${config.docs}"></div>
  </body>
</html>
`;
}
