/** The example queries that GraphiQL opens with, one tab each. They return something as soon as anything is stored. */
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

/**
 * GraphiQL as one HTML document with everything in it, so that it works without the internet: 9 MB of text, which the
 * server compresses once. The package is loaded only when somebody opens the page.
 */
export async function renderGraphiQLPage(): Promise<string> {
  const { renderGraphiQL } = await import("@graphql-yoga/render-graphiql");
  return renderGraphiQL({
    title: "conversation-graph",
    defaultTabs: EXAMPLES.map((query) => ({ query })),
    subscriptionsProtocol: "GRAPHQL_SSE",
  });
}
