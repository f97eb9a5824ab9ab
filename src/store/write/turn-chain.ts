import type { TurnRecord } from "../../model/conversation-record.ts";

interface Link {
  turn: TurnRecord;
  next: Link | null;
}

/** Turns in their order, in which a turn is put after another at the same cost in a long conversation as in a short one. */
export class TurnChain {
  #first: Link | null = null;
  readonly #byId = new Map<string, Link>();

  constructor(turns: readonly TurnRecord[]) {
    let previous: string | null = null;
    for (const turn of turns) {
      this.insertAfter(previous, turn);
      previous = turn.id;
    }
  }

  /** Puts the turn right after the one with this id; first where there is none. */
  insertAfter(id: string | null, turn: TurnRecord): void {
    const previous = id === null ? undefined : this.#byId.get(id);
    const link: Link = { turn, next: previous === undefined ? this.#first : previous.next };
    if (previous === undefined) this.#first = link;
    else previous.next = link;
    this.#byId.set(turn.id, link);
  }

  /** Puts the turn in the place of the one with its id, which is there. */
  replace(turn: TurnRecord): void {
    const link = this.#byId.get(turn.id);
    if (link !== undefined) link.turn = turn;
  }

  turns(): TurnRecord[] {
    const turns: TurnRecord[] = [];
    for (let link = this.#first; link !== null; link = link.next) turns.push(link.turn);
    return turns;
  }
}
