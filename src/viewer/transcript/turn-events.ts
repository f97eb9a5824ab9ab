import type { Turn } from "./turn.ts";
import { type Delta, type TurnList, type TurnRow, withDelta, withoutTurn, withTurn } from "./turn-list.ts";

/** What an event says of a turn. */
export interface TurnEvent {
  turn: { id: string; position: number; revision: number };
  cursor: string;
  appended: Delta | null;
  deletedTurnId: string | null;
}

/** What the events are applied to. */
export interface EventTarget {
  /** Changes the list that is shown. */
  change(update: (list: TurnList) => TurnList): void;
  /** The turn as it is now; null for one that is gone. Never rejects: it asks until it is answered. */
  readTurn(id: string): Promise<Turn | null>;
}

/**
 * Applies the events of a conversation in their order: text that was added is put behind what is there, for everything else
 * the turn is read. Events of a turn that is being read wait for it.
 */
export class TurnEvents {
  readonly #target: EventTarget;
  readonly #waiting = new Map<string, TurnEvent[]>();

  constructor(target: EventTarget) {
    this.#target = target;
  }

  apply(event: TurnEvent): void {
    const { turn, deletedTurnId } = event;
    const waiting = this.#waiting.get(turn.id);
    if (deletedTurnId !== null) this.#target.change((list) => withoutTurn(list, deletedTurnId));
    else if (waiting !== undefined) waiting.push(event);
    else if (!this.#applyDelta(event)) void this.#read(event);
  }

  /** Whether the event is done with: its text is added, or the list has a later state of the turn. */
  #applyDelta({ turn, appended }: TurnEvent): boolean {
    let isDone = false;
    this.#target.change((list) => {
      const row = list.rows.find((known) => known.turn.id === turn.id);
      isDone = row !== undefined && row.turn.revision >= turn.revision;
      if (isDone || row === undefined || appended === null) return list;
      const grown = withDelta(row.turn, appended, turn.revision);
      isDone = grown !== null;
      return grown === null ? list : withTurn(list, { ...row, turn: grown });
    });
    return isDone;
  }

  async #read({ turn: { id }, cursor }: TurnEvent): Promise<void> {
    const waiting: TurnEvent[] = [];
    this.#waiting.set(id, waiting);
    const turn = await this.#target.readTurn(id);
    const row: TurnRow | null = turn === null ? null : { cursor, turn };
    this.#target.change((list) => (row === null ? withoutTurn(list, id) : withTurn(list, row)));
    this.#waiting.delete(id);
    for (const event of waiting) this.apply(event);
  }
}
