import { createSourceEventStream, type DocumentNode, type ExecutionArgs, type ExecutionResult, execute } from "graphql";
import { isAsyncIterable, mapAsyncIterator, type Plugin } from "graphql-yoga";

import type { ConversationChange } from "../../store/watch/list-change.ts";
import type { ChangedTurn } from "../../store/watch/read-changes.ts";
import { withEventId } from "./event-id.ts";
import { limited } from "./use-answer-limit.ts";

/** What the schema's subscriptions yield. */
type WatchedEvent = ChangedTurn | ConversationChange;

/** The answers to one event, by what was asked of it. */
interface Answered {
  document: DocumentNode;
  asked: string;
  answer: Promise<ExecutionResult>;
}

/**
 * Executes a subscription's document once for all its watchers who get the same event with the same variables. The store gives
 * one object for an event to all who see the same, and never changes it. An answer with errors is the own of each watcher:
 * the first one may have left. No answer has more than `maxBytes`.
 */
export function useSharedEvents(maxBytes: number): Plugin {
  const answers = new WeakMap<WatchedEvent, Answered[]>();

  const answer = async (args: ExecutionArgs, event: WatchedEvent): Promise<ExecutionResult> =>
    withEventId(limited(await execute({ ...args, rootValue: event }), maxBytes), idOf(event));
  const answerOnce = async (args: ExecutionArgs, asked: string, event: WatchedEvent): Promise<ExecutionResult> => {
    const known = answers.get(event) ?? [];
    answers.set(event, known);
    const same = known.find((one) => one.document === args.document && one.asked === asked);
    if (same !== undefined) {
      const shared = await same.answer;
      return shared.errors === undefined ? shared : answer(args, event);
    }
    const own = answer(args, event);
    known.push({ document: args.document, asked, answer: own });
    return own;
  };
  const subscribe = async (args: ExecutionArgs) => {
    const source = await createSourceEventStream(args);
    if (!isAsyncIterable(source)) return source;
    const asked = JSON.stringify([args.operationName, args.variableValues]);
    // Safe cast: the schema's subscriptions yield these events.
    return mapAsyncIterator(source, (event) => answerOnce(args, asked, event as WatchedEvent));
  };
  return { onSubscribe: ({ setSubscribeFn }) => setSubscribeFn(subscribe) };
}

function idOf(event: WatchedEvent): number | string {
  return "cursor" in event ? event.cursor : event.turn.revision;
}
