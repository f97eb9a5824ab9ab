/** A tab that GraphiQL opens with, as its option has it. */
interface Example {
  query: string;
  variables?: string;
  headers: string;
}

// What a new tab has too. Comments are allowed there, and nothing is sent that is not written.
export const HEADERS_HINT = `{
  // "api-key": "cg_…",
  // "x-ms-user-isolation-key": "the user, for a key of access user"
  // or: "authorization": "Bearer, and a user's token"
}
`;

const INBOX = `# The newest conversations, as an inbox has them. Press
# the play button, or Ctrl-Enter.
query Inbox($first: Int = 10, $after: String) {
  conversations(
    first: $first
    after: $after
    orderBy: { field: UPDATED_AT }
  ) {
    totalCount
    pageInfo { hasNextPage endCursor }
    nodes {
      id
      updatedAt
      agent { agentId }
      title
      preview
      lastTurn { role state }
    }
  }
}
`;

const SEARCH = `# Conversations that say these words, and what an agent
# called in them. A filter's conditions all hold together.
query Search($filter: ConversationFilter!) {
  conversations(first: 10, filter: $filter) {
    nodes {
      id
      createdAt
      turns(first: 20, filter: { role: ASSISTANT }) {
        nodes {
          messages {
            __typename
            ... on TextFragment { content }
            ... on FunctionCallFragment { name args }
            ... on FunctionResponseFragment {
              response
              failed
            }
          }
        }
      }
    }
  }
}
`;

const OLDER_TURNS = `# The newest turns of the newest conversation. For older
# ones put startCursor into the variable before.
query OlderTurns($before: String) {
  conversations(first: 1) {
    nodes {
      id
      turns(last: 2, before: $before) {
        pageInfo { hasPreviousPage startCursor }
        nodes {
          position
          role
          state
          messages {
            __typename
            ... on TextFragment { content }
          }
        }
      }
    }
  }
}
`;

const ITEMS = `# The newest conversations as OpenAI's Conversations API
# has them: item by item, and the turn of each.
query Items($type: String) {
  conversations(first: 4) {
    nodes {
      id
      items(first: 5, type: $type) {
        pageInfo { hasNextPage endCursor }
        nodes {
          id
          type
          role
          status
          json
          turn { position role }
        }
      }
    }
  }
}
`;

const ASK = `# A new conversation with a question. Its ids are the
# variables of Answer and Watch.
mutation Ask($question: String!) {
  createConversation(
    input: {
      agent: { name: "weather", version: "1" }
      turns: [
        {
          role: USER
          messages: [{ text: { content: $question } }]
        }
      ]
    }
  ) {
    conversation {
      id
      turns { nodes { id } }
    }
  }
}
`;

const ANSWER = `# An answer to the question that Ask asked. Leave it in
# progress and send updateTurn(appendText) to stream it.
mutation Answer($conversation: ID!, $question: ID!) {
  appendTurn(
    input: {
      conversationId: $conversation
      turn: {
        role: ASSISTANT
        inReplyToId: $question
        messages: [{ text: { content: "Yes, take one." } }]
      }
    }
  ) {
    turn {
      id
      position
      state
    }
  }
}
`;

const WATCH = `# What was said, and what is said from now on. Press the
# button again to stop; answer in another window.
subscription Watch($conversation: ID!) {
  turnChanged(
    conversationId: $conversation
    afterRevision: 0
  ) {
    turn {
      revision
      role
      state
      messages {
        __typename
        ... on TextFragment { content }
      }
    }
  }
}
`;

/** The examples, one tab each, in the order in which they build on each other. The first ones show something as soon as anything is stored. */
export const EXAMPLES: readonly Example[] = [
  example(INBOX, { first: 10, after: null }),
  example(SEARCH, { filter: { search: "refund" } }),
  example(OLDER_TURNS, { before: null }),
  example(ITEMS, { type: null }),
  example(ASK, { question: "Umbrella tomorrow?" }),
  example(ANSWER, { conversation: "conv_…", question: "turn_…" }),
  example(WATCH, { conversation: "conv_…" }),
];

function example(query: string, variables: object): Example {
  return { query, variables: JSON.stringify(variables, null, 2), headers: HEADERS_HINT };
}
