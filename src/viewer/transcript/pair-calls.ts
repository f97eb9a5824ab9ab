import type { CallFragment, ResponseFragment, Turn } from "./turn.ts";

/** Which response answers which call, over all turns that are loaded. */
export interface CallPairs {
  responses: ReadonlyMap<CallFragment, ResponseFragment>;
  /** The responses that have their call. */
  paired: ReadonlySet<ResponseFragment>;
}

/**
 * Pairs calls and responses by `callId`, in order where an id comes more than once; an id that returns in a later turn
 * names the calls of that turn. Without an id on one side the name decides, among the calls since the user last spoke. The
 * cost grows with the fragments.
 */
export function pairCalls(turns: readonly Turn[]): CallPairs {
  const responses = new Map<CallFragment, ResponseFragment>();
  const paired = new Set<ResponseFragment>();
  const open = new OpenCalls();
  for (const { id, role, messages } of turns) {
    if (role === "USER") open.forgetNames();
    for (const fragment of messages) {
      if (fragment.__typename === "FunctionCallFragment") open.add(fragment, id);
      if (fragment.__typename !== "FunctionResponseFragment") continue;
      const call = open.take(fragment);
      if (call === undefined) continue;
      responses.set(call, fragment);
      paired.add(fragment);
    }
  }
  return { responses, paired };
}

/** The calls so far without a response. */
class OpenCalls {
  readonly #byId = new Map<string, { turn: string; calls: Set<CallFragment> }>();
  /** Those since the user last spoke. */
  readonly #byName = new Map<string, Set<CallFragment>>();

  forgetNames(): void {
    this.#byName.clear();
  }

  add(call: CallFragment, turn: string): void {
    const named = this.#byName.get(call.name) ?? new Set();
    this.#byName.set(call.name, named.add(call));
    if (call.callId === null) return;
    const known = this.#byId.get(call.callId);
    if (known?.turn === turn) known.calls.add(call);
    else this.#byId.set(call.callId, { turn, calls: new Set([call]) });
  }

  /** The call that the response answers; undefined for none. */
  take(response: ResponseFragment): CallFragment | undefined {
    const call = this.#find(response);
    if (call === undefined) return undefined;
    this.#byName.get(call.name)?.delete(call);
    if (call.callId !== null) this.#byId.get(call.callId)?.calls.delete(call);
    return call;
  }

  #find({ name, callId }: ResponseFragment): CallFragment | undefined {
    const [withId] = (callId === null ? null : this.#byId.get(callId)?.calls) ?? [];
    if (withId !== undefined) return withId;
    const named = this.#byName.get(name) ?? new Set<CallFragment>();
    for (const call of named) if (call.callId === null) return call;
    // A response without an id may belong to a call with one, and never one id to another.
    const [first] = named;
    return callId === null ? first : undefined;
  }
}
