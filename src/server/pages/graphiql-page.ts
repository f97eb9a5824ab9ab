import type { Asset } from "../../http/cached-asset.ts";
import { html, image, script, style } from "./asset-kinds.ts";
import { EXAMPLES, HEADERS_HINT } from "./graphiql-examples.ts";

const HTML = `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <title>conversation-graph</title>
    <link rel="icon" href="graphql/favicon.ico">
    <link rel="stylesheet" href="graphql/graphiql.css">
  </head>
  <body id="body" class="no-focus-outline">
    <noscript>GraphiQL needs JavaScript.</noscript>
    <div id="root"></div>
    <script src="graphql/workers.js"></script>
    <script src="graphql/graphiql.js"></script>
    <script src="graphql/start.js"></script>
  </body>
</html>
`;

const WORKERS = `self.MonacoEnvironment = {
  globalAPI: false,
  getWorkerUrl: (moduleId, label) => new URL(\`graphql/\${label}.worker.js\`, document.baseURI).href,
};
`;

// With `query` GraphiQL opens the tab of that query among those of the last visit; without it, an empty one. The schema's file
// needs no key; where there is none, GraphiQL asks the endpoint.
const START = `const examples = ${JSON.stringify(EXAMPLES)};
const headers = ${JSON.stringify(HEADERS_HINT)};
const asked = new URL(location.href).searchParams.get("query");
const tabs = asked === null ? examples : [{ query: asked, headers }, ...examples];
const render = (schema) =>
  YogaGraphiQL.renderYogaGraphiQL(document.querySelector("#root"), {
    title: "conversation-graph",
    subscriptionsProtocol: "GRAPHQL_SSE",
    shouldPersistHeaders: false,
    defaultTabs: tabs,
    query: tabs[0].query,
    variables: tabs[0].variables,
    headers,
    ...(schema !== undefined && { schema }),
  });
fetch("schema.json")
  .then((response) => (response.ok ? response.json() : undefined))
  .catch(() => undefined)
  .then(render);
`;

const page = html(async () => HTML);

/** GraphiQL's page, at the path of the endpoint itself. */
export const GRAPHIQL_PAGE: Asset = { ...page, headers: { ...page.headers, vary: "accept, accept-encoding" } };

/**
 * The files of the page, by path: 9 MB of text, from this server, so that the page works without the internet. Not in the page
 * itself, which no browser keeps: a POST to a URL drops what the browser has cached for it. The package is loaded when the
 * page is first opened.
 */
export const GRAPHIQL_FILES: Record<string, Asset> = {
  "/graphql/workers.js": script(async () => WORKERS),
  "/graphql/graphiql.js": script(async () => (await load()).js),
  "/graphql/start.js": script(async () => START),
  "/graphql/graphiql.css": style(async () => (await load()).css),
  "/graphql/editorWorkerService.worker.js": script(async () => (await load()).editorWorkerService),
  "/graphql/json.worker.js": script(async () => (await load()).jsonWorker),
  "/graphql/graphql.worker.js": script(async () => (await load()).graphqlWorker),
  "/graphql/favicon.ico": image("x-icon", async () => fromDataUrl((await load()).favicon)),
};

function load() {
  return import("@graphql-yoga/render-graphiql/graphiql");
}

function fromDataUrl(url: string): Buffer {
  return Buffer.from(url.slice(url.indexOf(",") + 1), "base64");
}
