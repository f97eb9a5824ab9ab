import type { ConversationRecord } from "../../model/conversation-record.ts";
import type { FunctionCallFragment, FunctionResponseFragment, MessageFragment } from "../../model/message-fragment.ts";

export type CallFragment = FunctionCallFragment | FunctionResponseFragment;

/** The ids by which the calls of a conversation and their responses belong together. */
export interface CallIds {
  /** The id that the fragment carries, or the one that was made for it, as the target formats demand one. */
  idOf(fragment: CallFragment): string;
  /** Whether a reader names the response right without its name: one call has its id since the last question, and its name. */
  isNamedByCall(response: FunctionResponseFragment): boolean;
}

/**
 * Assigns an id to every call and response of the conversation. A response that carries none belongs to the first call of
 * its turn that carries none either, has its name and no response yet.
 */
export function assignCallIds({ turns }: ConversationRecord): CallIds {
  const ids = new Map<CallFragment, string>();
  const named = new Set<FunctionResponseFragment>();
  const taken = new Set(turns.flatMap(({ messages }) => messages.flatMap((fragment) => carriedId(fragment) ?? [])));
  let calls: FunctionCallFragment[] = [];
  for (const [index, { role, messages }] of turns.entries()) {
    const open: FunctionCallFragment[] = [];
    // A reader makes one turn of an assistant's that follow each other.
    if (role === "user") calls = [];
    for (const [position, fragment] of messages.entries()) {
      if (fragment.kind === "text") continue;
      const carried = carriedId(fragment);
      const made = () => freeId(`call_${index + 1}_${position + 1}`, taken);
      if (fragment.kind === "functionCall") {
        ids.set(fragment, carried ?? made());
        if (role === "assistant") calls.push(fragment);
        if (carried === null) open.push(fragment);
        continue;
      }
      const at = carried === null ? open.findIndex(({ name }) => name === fragment.name) : -1;
      const [call] = at < 0 ? [] : open.splice(at, 1);
      const id = carried ?? (call === undefined ? made() : (ids.get(call) ?? made()));
      ids.set(fragment, id);
      const [first, second] = calls.filter((candidate) => ids.get(candidate) === id);
      if (second === undefined && first?.name === fragment.name) named.add(fragment);
    }
  }
  return { idOf: (fragment) => ids.get(fragment) ?? "", isNamedByCall: (response) => named.has(response) };
}

/** The id of its call that a fragment carries; null for none. */
export function carriedId({ kind, metadata }: MessageFragment): string | null {
  return kind !== "text" && typeof metadata?.callId === "string" && metadata.callId !== "" ? metadata.callId : null;
}

function freeId(wanted: string, taken: Set<string>): string {
  let id = wanted;
  for (let count = 2; taken.has(id); count += 1) id = `${wanted}_${count}`;
  taken.add(id);
  return id;
}
