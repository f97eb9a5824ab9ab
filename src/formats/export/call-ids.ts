import { type CallFragment, pairCalls } from "../../items/call-pairs.ts";
import type { ConversationRecord } from "../../model/conversation-record.ts";
import { callIdOf, type FunctionCallFragment, type FunctionResponseFragment } from "../../model/message-fragment.ts";

/** The ids that connect a conversation's calls with their responses. */
export interface CallIds {
  /** The id of a call or response in an assistant's turn: its own, or one that was made for it. */
  idOf(fragment: CallFragment): string;
  /**
   * Whether the id alone gives the response its name: exactly one call since the last question has the id, and the same
   * name.
   */
  isNamedByCall(response: FunctionResponseFragment): boolean;
}

/**
 * Assigns an id to each call and response of the assistant's turns, as other formats require. One without an id gets
 * that of its counterpart since the last question: the first call of the same name without a response.
 */
export function assignCallIds({ turns }: ConversationRecord): CallIds {
  const runs = runsOf(turns);
  const ids = new Map<CallFragment, string>();
  for (const fragment of runs.flat()) {
    const carried = callIdOf(fragment);
    if (carried !== null) ids.set(fragment, carried);
  }
  const makeId = idMaker(new Set(ids.values()));
  for (const run of runs) {
    for (const [response, call] of pairCalls(run)) {
      const id = ids.get(response) ?? (call === null ? undefined : ids.get(call)) ?? makeId();
      ids.set(response, id);
      if (call !== null && !ids.has(call)) ids.set(call, id);
    }
    for (const fragment of run) if (!ids.has(fragment)) ids.set(fragment, makeId());
  }
  const named = new Set(runs.flatMap((run) => findNamed(run, ids)));
  return { idOf: (fragment) => ids.get(fragment) ?? "", isNamedByCall: (response) => named.has(response) };
}

/** The calls and responses of the assistant's turns between two user turns: a reader joins these turns into one. */
function runsOf(turns: ConversationRecord["turns"]): CallFragment[][] {
  const runs: CallFragment[][] = [[]];
  for (const { role, messages } of turns) {
    if (role === "user") runs.push([]);
    else runs.at(-1)?.push(...messages.filter((fragment) => fragment.kind !== "text"));
  }
  return runs;
}

function findNamed(run: readonly CallFragment[], ids: ReadonlyMap<CallFragment, string>): FunctionResponseFragment[] {
  const calls: FunctionCallFragment[] = [];
  return run.flatMap((fragment) => {
    if (fragment.kind === "functionCall") {
      calls.push(fragment);
      return [];
    }
    const [call, other] = calls.filter((candidate) => ids.get(candidate) === ids.get(fragment));
    return other === undefined && call?.name === fragment.name ? [fragment] : [];
  });
}

/** A function that gives new ids, none of them among the taken ones. */
function idMaker(taken: ReadonlySet<string>): () => string {
  let count = 0;
  return () => {
    do count += 1;
    while (taken.has(`call_${count}`));
    return `call_${count}`;
  };
}
