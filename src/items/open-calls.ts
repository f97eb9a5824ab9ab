interface Call {
  name: string;
  group: CallGroup;
}

/** The calls of one turn with the same id. */
interface CallGroup {
  turn: number;
  /** The calls without an answer, in order. */
  open: Call[];
  /** The function of the last call with the id. */
  lastName: string;
}

/**
 * The function calls of a conversation so far, and which of them wait for a response. Writers reuse ids: within a turn
 * the calls of one id are answered in order, and an id that returns in a later turn names the calls of that turn. An
 * empty id counts as missing.
 */
export class OpenCalls {
  readonly #groups = new Map<string, CallGroup>();
  /** The calls of the current turn without an answer. */
  readonly #open = new Set<Call>();
  #turn = 0;

  /** A user message ends the turn: from now on only ids match its calls. */
  startTurn(): void {
    this.#turn += 1;
    this.#open.clear();
  }

  add(id: string | null, name: string): void {
    const key = id ?? "";
    let group = this.#groups.get(key);
    if (group?.turn !== this.#turn) {
      group = { turn: this.#turn, open: [], lastName: name };
      this.#groups.set(key, group);
    }
    const call = { name, group };
    group.open.push(call);
    group.lastName = name;
    this.#open.add(call);
  }

  /**
   * Takes the call that a response answers, and returns the name of its function: the first open call with the id,
   * preferably of the response's own name; else the turn's only open call, unless the response names another function.
   * A further response to an answered call matches that call. Null when there is none.
   */
  answer(id: string | null, ownName: string | null): string | null {
    const byId = this.answerById(id, ownName);
    if (byId !== null) return byId;
    const [only] = this.#open;
    return only !== undefined && this.#open.size === 1 && only.name === (ownName ?? only.name)
      ? this.#take(only)
      : null;
  }

  /** As `answer`, but only a call with the id is answered: what is open otherwise need not be known. */
  answerById(id: string | null, ownName: string | null): string | null {
    const group = this.#groups.get(id ?? "");
    const namesCall = group !== undefined && id !== null && id !== "";
    const sameName = group?.open.find(({ name }) => name === ownName);
    const call = sameName ?? (namesCall || ownName === null ? group?.open[0] : undefined);
    if (call !== undefined) return this.#take(call);
    return namesCall ? group.lastName : null;
  }

  #take(call: Call): string {
    const { open } = call.group;
    open.splice(open.indexOf(call), 1);
    this.#open.delete(call);
    return call.name;
  }
}
