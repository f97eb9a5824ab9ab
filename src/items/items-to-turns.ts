import type { MessageFragment, TurnRole, TurnState } from "../model/message-fragment.ts";
import type { Item } from "./item.ts";
import { fragmentsOfItem, isCallType, isOutputType, speakerOf, stateOfItem } from "./item-fragments.ts";
import { OpenCalls } from "./open-calls.ts";

/** A conversation's last turn before the items. */
export interface LastTurn {
  position: number;
  role: TurnRole;
  /** Whether it was made of items: only such an assistant's turn goes on. */
  ofItems: boolean;
}

/** A call, or the output of one, that the conversation has already. */
export interface KnownCall {
  /** The position of its turn. */
  position: number;
  callId: string;
  type: string;
  /** The `name` of the item; null for none. */
  name: string | null;
}

/** What the items make of a conversation's turns. */
export interface Projection {
  /** What is added to the last turn; null where no item joins it. */
  joined: TurnAddition | null;
  /** The turns that begin, in order. */
  begun: readonly BegunTurn[];
  /** Where each item goes, in the order of the items. */
  placed: readonly PlacedItem[];
}

interface TurnAddition {
  messages: readonly MessageFragment[];
  /** The turn's state from now on; null where it stays. */
  state: TurnState | null;
}

interface BegunTurn {
  role: TurnRole;
  state: TurnState;
  messages: readonly MessageFragment[];
}

export interface PlacedItem {
  item: Item;
  /**
   * The turn that the item belongs to, or stands behind: 0 the last turn before the items (ahead of the first turn where
   * there was none), 1 the first turn that begins, and so on.
   */
  turn: number;
  /** How many of the turn's fragments come from the item; null for an item that belongs to no turn. */
  fragments: number | null;
}

/** The ids of the calls that the items' outputs name, to be looked up for `itemsToTurns`; each once. */
export function calledIds(items: readonly Item[]): string[] {
  const ids = items.flatMap(({ type, callId }) =>
    callId !== null && (isCallType(type) || isOutputType(type)) ? [callId] : [],
  );
  return [...new Set(ids)];
}

/**
 * What the items make of a conversation's turns. Each user message is a turn; all that follows up to the next one is
 * one assistant's turn, and it goes on with the last turn where that was made of items. `known` has the calls and
 * outputs with any of `calledIds`, oldest first: an output is named after its call. Items in several calls give the turns
 * that they give in one. The cost grows with the items.
 */
export function itemsToTurns(
  items: readonly Item[],
  last: LastTurn | null,
  known: readonly KnownCall[] = [],
): Projection {
  const calls = callsOf(known, last);
  const joined: OpenTurn = { role: last?.role ?? "user", state: null, messages: [], isJoined: false };
  const turns = [joined];
  let open = joined;
  let isOpen = last?.role === "assistant" && last.ofItems;
  const placed = items.map((item): PlacedItem => {
    const speaker = speakerOf(item.value);
    if (speaker === "instruction") return { item, turn: turns.length - 1, fragments: null };
    if (speaker === "user" || !isOpen) {
      if (speaker === "user") calls.startTurn();
      open = { role: speaker, state: null, messages: [], isJoined: false };
      turns.push(open);
      isOpen = speaker === "assistant";
    }
    const fragments = fragmentsOfItem(item.value, calls);
    open.messages.push(...fragments);
    open.isJoined = true;
    if (speaker === "assistant") open.state = stateOfItem(item.value) ?? open.state;
    return { item, turn: turns.length - 1, fragments: fragments.length };
  });
  return {
    joined: joined.isJoined ? { messages: joined.messages, state: joined.state } : null,
    begun: turns.slice(1).map(({ role, state, messages }) => ({ role, state: state ?? "done", messages })),
    placed,
  };
}

interface OpenTurn {
  role: TurnRole;
  state: TurnState | null;
  messages: MessageFragment[];
  isJoined: boolean;
}

/** The calls so far, those of the last turn as open ones. */
function callsOf(known: readonly KnownCall[], last: LastTurn | null): OpenCalls {
  const calls = new OpenCalls();
  let position = known[0]?.position ?? last?.position;
  const goTo = (next: number | undefined) => {
    if (next !== position) calls.startTurn();
    position = next;
  };
  for (const { position: place, callId, type, name } of known) {
    goTo(place);
    if (isCallType(type)) calls.add(callId, name ?? type);
    else calls.answerById(callId, name);
  }
  goTo(last?.position);
  return calls;
}
