import type { PlacedItem, Projection } from "../../items/items-to-turns.ts";
import type { MessageFragment, TurnRole, TurnState } from "../../model/message-fragment.ts";
import { MAX_TURN_BYTES } from "../../model/rules.ts";

/** What items add to a turn. */
export interface FittedTurn {
  role: TurnRole;
  /** Null where the turn keeps its state. */
  state: TurnState | null;
  messages: MessageFragment[];
}

/** Where items go, each turn within the bytes that it may have. */
export interface FittedItems {
  /** Null where no item joins the last turn. */
  joined: FittedTurn | null;
  begun: FittedTurn[];
  /** As in a projection: 0 for the last turn before the items, 1 for the first that begins. */
  placed: PlacedItem[];
}

// `[]`, to which each fragment adds its own bytes and a comma.
const BRACKETS = 2;

/**
 * The projection in turns that fit: an assistant's turn without room for the next item ends, and a further one begins. An item
 * that is longer than a turn may be gives no fragment: it is kept as an item alone. `lastBytes` is the size of the last turn
 * before the items.
 */
export function fitItems({ joined, begun, placed }: Projection, lastBytes: number): FittedItems {
  const sources = [{ role: "assistant" as const, state: null, messages: [], ...joined }, ...begun];
  const turns: FittedTurn[] = [];
  const open = (source: number) => {
    const { role = "assistant", state = null } = sources[source] ?? {};
    const turn = { role, state, messages: [] };
    turns.push(turn);
    return turn;
  };
  let current: FittedTurn = open(0);
  let [source, next, bytes] = [0, 0, lastBytes];
  const fitted = placed.map(({ item, turn, fragments }): PlacedItem => {
    if (fragments === null) return { item, turn: turns.length - 1, fragments };
    if (turn !== source) {
      [source, next, bytes] = [turn, 0, BRACKETS];
      current = open(source);
    }
    const all = sources[source]?.messages.slice(next, next + fragments) ?? [];
    next += fragments;
    const size = all.reduce((sum, fragment) => sum + Buffer.byteLength(JSON.stringify(fragment)) + 1, 0);
    const messages = BRACKETS + size > MAX_TURN_BYTES ? [] : all;
    if (messages.length > 0 && bytes + size > MAX_TURN_BYTES) {
      current.state = turns.length === 1 ? null : "done";
      current = open(source);
      bytes = BRACKETS;
    }
    current.messages.push(...messages);
    if (messages.length > 0) bytes += size;
    return { item, turn: turns.length - 1, fragments: messages.length };
  });
  const [last = current, ...rest] = turns;
  const isJoined = fitted.some(({ turn, fragments }) => turn === 0 && fragments !== null);
  return { joined: isJoined ? last : null, begun: rest, placed: fitted };
}
