import {
  createSourceEventStream,
  type DocumentNode,
  type ExecutionArgs,
  type ExecutionResult,
  execute,
  Kind,
} from "graphql";
import { isAsyncIterable, mapAsyncIterator, type Plugin, type YogaInitialContext } from "graphql-yoga";

import type { PausableEvents } from "../../store/watch/watch-iterator.ts";
import { type WatchedEvent, withEvent } from "./answered-event.ts";
import { limited } from "./use-answer-limit.ts";
import { variablesIn } from "./variables-in.ts";

/** The events of each request's subscription, before they are executed; none where nothing can stand in for their reads. */
export type EventSources = WeakMap<Request, PausableEvents<WatchedEvent>>;

/** The answers to one event, by what was asked of it. */
interface Answered {
  document: DocumentNode;
  asked: string;
  answer: Promise<ExecutionResult>;
}

/**
 * Executes a subscription's document once for all its watchers who get the same event and ask the same of it. The store gives
 * one object for an event to all who see the same, and never changes it. An answer with errors is the own of each watcher:
 * the first one may have left. No answer has more than `maxBytes`. Notes the events in `sources`.
 */
export function useSharedEvents(maxBytes: number, sources: EventSources): Plugin {
  const answers = new WeakMap<WatchedEvent, Answered[]>();

  const answer = async (args: ExecutionArgs, event: WatchedEvent): Promise<ExecutionResult> =>
    withEvent(limited(await execute({ ...args, rootValue: event }), maxBytes), event);
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
    const { request } = args.contextValue as YogaInitialContext;
    if ("pause" in source) sources.set(request, source as PausableEvents<WatchedEvent>);
    const asked = JSON.stringify([args.operationName, valuesBelowEvents(args)]);
    // Safe cast: the schema's subscriptions yield these events.
    return mapAsyncIterator(source, (event) => answerOnce(args, asked, event as WatchedEvent));
  };
  return { onSubscribe: ({ setSubscribeFn }) => setSubscribeFn(subscribe) };
}

/**
 * The values of the variables that an answer depends on. Those in the arguments of the subscription's field only say which events come:
 * watchers who began after different revisions ask the same of each event.
 */
function valuesBelowEvents({ document, variableValues }: ExecutionArgs): object {
  const definitions = document.definitions.map((definition) => {
    if (definition.kind !== Kind.OPERATION_DEFINITION) return definition;
    const fields = definition.selectionSet.selections.map((field) => ({ ...field, arguments: [] }));
    return { ...definition, variableDefinitions: [], selectionSet: { ...definition.selectionSet, selections: fields } };
  });
  const names = new Set(variablesIn({ ...document, definitions }));
  return Object.fromEntries(Object.entries(variableValues ?? {}).filter(([name]) => names.has(name)));
}
