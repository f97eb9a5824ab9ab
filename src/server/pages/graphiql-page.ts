import type { Asset } from "../../http/cached-asset.ts";
import { html, image, script, style } from "./asset-kinds.ts";

/** The example queries that GraphiQL opens with, one tab each. They show something as soon as anything is stored. */
const EXAMPLES = [
  `# The newest conversations, each with the beginning of what was said.
# Press the play button, or Ctrl-Enter.
query NewestConversations {
  conversations(first: 5) {
    totalCount
    pageInfo { hasNextPage endCursor }
    nodes {
      id
      createdAt
      agent { agentId }
      metadata
      turns(first: 4) {
        totalCount
        nodes {
          role
          state
          messages {
            __typename
            ... on TextFragment { content state }
            ... on FunctionCallFragment { name args }
            ... on FunctionResponseFragment { name response failed }
          }
        }
      }
    }
  }
}
`,
  `# Conversations in which the agent called a function, last changed first.
query ConversationsThatCalledAFunction($function: String) {
  conversations(
    first: 10
    filter: { calledFunction: $function }
    orderBy: { field: UPDATED_AT, direction: DESC }
  ) {
    edges {
      cursor
      node {
        id
        updatedAt
        turns(last: 2, filter: { role: ASSISTANT }) {
          nodes { position timestamp inReplyTo { id } }
        }
      }
    }
  }
}
`,
];

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

// With `query` GraphiQL opens the tab of that query among those of the last visit; without it, an empty one.
const START = `const examples = ${JSON.stringify(EXAMPLES)};
const asked = new URL(location.href).searchParams.get("query");
const queries = asked === null ? examples : [asked, ...examples];
YogaGraphiQL.renderYogaGraphiQL(document.querySelector("#root"), {
  title: "conversation-graph",
  subscriptionsProtocol: "GRAPHQL_SSE",
  defaultTabs: queries.map((query) => ({ query })),
  query: queries[0],
});
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
