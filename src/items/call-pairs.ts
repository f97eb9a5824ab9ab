import { callIdOf, type FunctionCallFragment, type FunctionResponseFragment } from "../model/message-fragment.ts";

export type CallFragment = FunctionCallFragment | FunctionResponseFragment;

/**
 * Each response among the fragments with the call that it answers, the first of its id and name without a response; null
 * where that is missing.
 */
export function pairCalls(
  fragments: readonly CallFragment[],
): [response: FunctionResponseFragment, call: FunctionCallFragment | null][] {
  const open: FunctionCallFragment[] = [];
  return fragments.flatMap((fragment) => {
    if (fragment.kind === "functionCall") {
      open.push(fragment);
      return [];
    }
    const at = findCall(open, fragment);
    const [call = null] = at < 0 ? [] : open.splice(at, 1);
    return [[fragment, call]];
  });
}

/**
 * A call with the response's id is preferred to one without an id; a response without an id may belong to a call with
 * one.
 */
function findCall(open: readonly FunctionCallFragment[], response: FunctionResponseFragment): number {
  const id = callIdOf(response);
  const withId = (wanted: string | null) => (call: FunctionCallFragment) =>
    callIdOf(call) === wanted && call.name === response.name;
  const at = open.findIndex(withId(id));
  if (at >= 0) return at;
  return open.findIndex(id === null ? ({ name }) => name === response.name : withId(null));
}
