import { createHash } from "node:crypto";

import type { JsonObject } from "../model/json.ts";
import { callIdOf, type MessageFragment, type TurnRole, type TurnState } from "../model/message-fragment.ts";
import { type CallFragment, pairCalls } from "./call-pairs.ts";
import { callIdOfItem, type Item, isCallId, itemPrefix } from "./item.ts";

/** What of a turn makes its items. */
export interface WrittenTurn {
  id: string;
  position: number;
  role: TurnRole;
  state: TurnState;
  messages: readonly MessageFragment[];
}

/** An item that was made of a turn's fragments. */
export interface DerivedItem extends Item {
  /** How many of the turn's fragments it stands for, behind those of the items before it. */
  fragments: number;
}

type Status = "completed" | "in_progress" | "incomplete";

const STATUS_OF_STATE = {
  "in-progress": "in_progress",
  done: "completed",
  stopped: "incomplete",
  error: "incomplete",
} as const satisfies Record<TurnState, Status>;

/**
 * The items of a turn that was not made of items, at least one, in order. Ids are made from the turn and the place in
 * it: they stay while the turn does, and no other turn has them, in no conversation. The status of the last one is the
 * turn's. The cost grows with the turn.
 */
export function turnToItems(turn: WrittenTurn): DerivedItem[] {
  const drafts = turn.role === "user" ? draftUser(turn) : draftAssistant(turn);
  const mark = markOf(turn);
  return drafts.map(({ fragments, type, ...members }, place) => {
    const value: JsonObject = { id: `${itemPrefix(type)}${mark}_${place}`, type, ...members };
    const json = JSON.stringify(value);
    return { id: String(value.id), type, callId: callIdOfItem(value), json, value, fragments };
  });
}

/**
 * The position of the turn, and the place in it, of the derived item with the id; null for an id that is none. The item
 * exists if the turn there was not made of items, and `turnToItems` gives an item with this very id at the place.
 */
export function placeOfDerivedId(id: string): { position: number; place: number } | null {
  const [, position, place] = /^[a-z]+_t([1-9]\d{0,9})_[0-9a-f]{16}_(\d{1,9})$/.exec(id) ?? [];
  return position === undefined || place === undefined || Number(position) > MAX_POSITION
    ? null
    : { position: Number(position), place: Number(place) };
}

// PostgreSQL's integer.
const MAX_POSITION = 2_147_483_647;

/**
 * The turn in an id: its position, by which it is found, and a digest of its id, as a turn that goes may leave its
 * position to another.
 */
function markOf({ id, position }: WrittenTurn): string {
  return `t${position}_${createHash("sha256").update(id).digest("hex").slice(0, 16)}`;
}

interface Draft {
  type: string;
  fragments: number;
  status: Status;
  [member: string]: unknown;
}

/** A message for the user's texts that follow each other; calls in a user's turn are items as an assistant's are. */
function draftUser(turn: WrittenTurn): Draft[] {
  const nameCall = callNamer(turn);
  const drafts: Draft[] = [];
  let parts: object[] | null = null;
  for (const fragment of turn.messages) {
    const last = drafts.at(-1);
    if (fragment.kind !== "text") {
      parts = null;
      drafts.push(draftCall(fragment, nameCall));
    } else if (parts !== null && last !== undefined) {
      parts.push({ type: "input_text", text: fragment.content });
      last.fragments += 1;
    } else {
      parts = [{ type: "input_text", text: fragment.content }];
      drafts.push({ type: "message", fragments: 1, status: "completed", role: "user", content: parts });
    }
  }
  return drafts.length > 0
    ? drafts
    : [{ type: "message", fragments: 0, status: "completed", role: "user", content: [] }];
}

function draftAssistant(turn: WrittenTurn): Draft[] {
  const nameCall = callNamer(turn);
  const status = STATUS_OF_STATE[turn.state];
  const drafts = turn.messages.map((fragment): Draft => {
    if (fragment.kind !== "text") return draftCall(fragment, nameCall);
    const isCutOff = fragment.state === "in-progress" && turn.state !== "done";
    const content = [{ type: "output_text", annotations: [], logprobs: [], text: fragment.content }];
    return { type: "message", fragments: 1, status: isCutOff ? status : "completed", role: "assistant", content };
  });
  const last = drafts.at(-1);
  if (last === undefined) return [{ type: "message", fragments: 0, status, role: "assistant", content: [] }];
  last.status = status;
  return drafts;
}

function draftCall(fragment: CallFragment, nameCall: (fragment: CallFragment) => string): Draft {
  const draft = { fragments: 1, status: "completed", call_id: nameCall(fragment) } as const;
  return fragment.kind === "functionCall"
    ? { type: "function_call", ...draft, name: fragment.name, arguments: JSON.stringify(fragment.args) }
    : { type: "function_call_output", ...draft, output: fragment.response };
}

/** A function that gives each call and response of the turn its id: its own, or one made from the turn and its place. */
function callNamer(turn: WrittenTurn): (fragment: CallFragment) => string {
  const fragments = turn.messages.filter((fragment) => fragment.kind !== "text");
  const callOf = new Map(pairCalls(fragments));
  const madeUp = new Map(fragments.map((fragment, place) => [fragment, `call_${markOf(turn)}_${place}`]));
  const own = (fragment: CallFragment) => {
    const id = callIdOf(fragment);
    return id !== null && isCallId(id) ? id : null;
  };
  const responseOf = new Map([...callOf].flatMap(([response, call]) => (call === null ? [] : [[call, response]])));
  return (fragment) => {
    const other = fragment.kind === "functionCall" ? responseOf.get(fragment) : callOf.get(fragment);
    const call = fragment.kind === "functionCall" ? fragment : (other ?? fragment);
    return own(fragment) ?? (other == null ? null : own(other)) ?? madeUp.get(call) ?? "";
  };
}
