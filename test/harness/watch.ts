import { createClient, type ExecutionResult } from "graphql-sse";

import { TURN } from "./writes.ts";

const WATCH = `subscription ($conversationId: ID!, $afterRevision: Int) {
  turnChanged(conversationId: $conversationId, afterRevision: $afterRevision) {
    turn { ${TURN} conversation { id turns(last: 1) { totalCount } } }
    turnEdge { cursor node { id } }
  }
}`;

// biome-ignore lint/suspicious/noExplicitAny: the shape is what each test asserts
type WatchEvent = ExecutionResult<any, unknown>;

export interface Watch {
  /** The next event; null once the server has completed the stream. Rejects when the connection is lost. */
  next(): Promise<WatchEvent | null>;
  /** The turns of that many further events, none of which may be an error. */
  // biome-ignore lint/suspicious/noExplicitAny: the shape is what each test asserts
  take(count: number): Promise<any[]>;
  /** Leaves, as a client that closes its connection. */
  leave(): void;
}

/** Subscribes over server-sent events, as graphql-sse does, to a conversation's turns or to what `query` asks; resolves once the server has accepted. */
export async function watch(
  { origin }: { origin: string },
  variables: Record<string, unknown>,
  headers: Record<string, string> = {},
  query = WATCH,
): Promise<Watch> {
  const client = createClient({ url: `${origin}/graphql`, headers, retryAttempts: 0 });
  const accepted = Promise.withResolvers<void>();
  const events = client.iterate({ query, variables }, { connected: () => accepted.resolve() });
  let first: ReturnType<typeof events.next> | null = events.next();
  // When the server does not accept, the first event says why.
  await Promise.race([accepted.promise, first]);

  async function next(): Promise<WatchEvent | null> {
    const { done, value } = await (first ?? events.next());
    first = null;
    return done === true ? null : value;
  }
  return {
    next,
    async take(count) {
      const turns = [];
      while (turns.length < count) {
        const event = await next();
        if (event?.data == null) throw new Error(`Not a turn: ${JSON.stringify(event)}`);
        turns.push(event.data.turnChanged.turn);
      }
      return turns;
    },
    leave: () => client.dispose(),
  };
}
