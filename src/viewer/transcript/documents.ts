import type { ResultOf } from "gql.tada";

import { graphql } from "../graph/graphql.ts";

const TURN_PARTS = graphql(`
  fragment TurnParts on Turn {
    id
    position
    revision
    role
    state
    timestamp
    errorDetail
    inReplyTo { id }
    metadata
    messages {
      __typename
      ... on TextFragment { content fragmentState: state metadata }
      ... on FunctionCallFragment { name args callId metadata }
      ... on FunctionResponseFragment { name response failed callId metadata }
    }
  }
`);

const HEAD = graphql(`
  fragment Head on Conversation {
    id
    revision
    createdAt
    updatedAt
    title
    user
    metadata
    agent { agentId name version }
  }
`);

const PAGE = graphql(
  `
    fragment Page on TurnConnection {
      edges { cursor node { ...TurnParts } }
      pageInfo { hasPreviousPage hasNextPage endCursor }
    }
  `,
  [TURN_PARTS],
);

export type Head = ResultOf<typeof HEAD>;
export type Turn = ResultOf<typeof TURN_PARTS>;

/** The newest turns, and with `$before` the ones ahead of a place. */
export const OLDER_TURNS = graphql(
  `
    query OlderTurns($id: ID!, $last: Int!, $before: String) {
      conversation(id: $id) { ...Head turns(last: $last, before: $before) { ...Page } }
    }
  `,
  [HEAD, PAGE],
);

/** The first turns, and with `$after` the ones behind a place. */
export const NEWER_TURNS = graphql(
  `
    query NewerTurns($id: ID!, $first: Int!, $after: String) {
      conversation(id: $id) { ...Head turns(first: $first, after: $after) { ...Page } }
    }
  `,
  [HEAD, PAGE],
);

export type NewerTurns = ResultOf<typeof NEWER_TURNS>;

/** A turn with the ones around its place. */
export const TURNS_AROUND = graphql(
  `
    query TurnsAround($id: ID!, $turn: ID!, $cursor: String!, $count: Int!) {
      conversation(id: $id) {
        ...Head
        older: turns(last: $count, before: $cursor) { ...Page }
        newer: turns(first: $count, after: $cursor) { ...Page }
      }
      turn(id: $turn) { ...TurnParts }
    }
  `,
  [HEAD, PAGE, TURN_PARTS],
);

/** Where a turn stands. */
export const TURN_PLACE = graphql(`
  query TurnPlace($id: ID!) {
    turn(id: $id) { revision conversation { id } }
  }
`);

/** A turn as it is now. People copy it, so it stands by itself. */
export const TURN = graphql(
  `
    query Turn($id: ID!) {
      turn(id: $id) { ...TurnParts }
    }
  `,
  [TURN_PARTS],
);

/** The changes of a conversation's turns after a revision; texts that grow as what was added to them. */
export const TURN_CHANGES = graphql(`
  subscription TurnChanges($id: ID!, $after: Int!) {
    turnChanged(conversationId: $id, afterRevision: $after) {
      turnEdge { cursor node { id position revision } }
      appended { text offset fragment }
      deletedTurnId
    }
  }
`);
