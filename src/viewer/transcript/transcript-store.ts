import type { Client, CombinedError } from "@urql/core";

import { codeOf } from "../graph/errors.ts";
import { watch } from "../graph/watch.ts";
import { type Head, TURN, TURN_CHANGES, type Turn } from "./documents.ts";
import { loadNewer, loadOlder, openConversation, toClientError } from "./load-turns.ts";
import { TurnEvents } from "./turn-events.ts";
import { NO_TURNS, type TurnList } from "./turn-list.ts";

const PAUSE_MS = 1000;

/** What the transcript shows. */
export interface TranscriptState {
  phase: "loading" | "shown" | "gone" | "failed";
  /** null until the conversation is shown. */
  head: Head | null;
  list: TurnList;
  /** Which page is on its way. */
  loading: "older" | "newer" | null;
  /** Why a page did not come, or why changes do not; null where all is well. */
  error: CombinedError | null;
}

const EMPTY: TranscriptState = { phase: "loading", head: null, list: NO_TURNS, loading: null, error: null };

/** The conversation that is open: its turns as far as they are loaded, and what changes in them. */
export class TranscriptStore {
  state: TranscriptState = EMPTY;
  readonly #client: Client;
  readonly #id: string;
  readonly #onChange: () => void;
  /** The revision up to which all changes are known. */
  #revision = 0;
  #endWatch: () => void = () => {};
  #isClosed = false;
  #openings = 0;
  #frame = 0;

  /** `onChange` is called once a frame at most. */
  constructor(client: Client, id: string, onChange: () => void) {
    this.#client = client;
    this.#id = id;
    this.#onChange = onChange;
  }

  /** Shows the conversation from the turn on, or its newest turns, and follows it. */
  async open(turn: string | null): Promise<void> {
    this.#endWatch();
    this.#openings += 1;
    const opening = this.#openings;
    try {
      const opened = await openConversation(this.#client, this.#id, turn);
      // Another turn was asked for while this one was read.
      if (this.#isClosed || opening !== this.#openings) return;
      if (opened === null) return this.#set({ phase: "gone" });
      this.#revision = opened.head.revision;
      this.#set({ ...EMPTY, phase: "shown", ...opened });
      this.#follow();
    } catch (error) {
      this.#fail(error, { phase: "failed" });
    }
  }

  /** Loads the next page on that side, unless one is on its way. */
  async load(side: "older" | "newer"): Promise<void> {
    const { list, loading, phase } = this.state;
    const hasMore = side === "older" ? list.hasOlder : list.hasNewer;
    if (phase !== "shown" || loading !== null || !hasMore) return;
    this.#set({ loading: side, error: null });
    try {
      const add = await (side === "older" ? loadOlder : loadNewer)(this.#client, this.#id, list);
      this.#set({ loading: null, list: add(this.state.list) });
    } catch (error) {
      this.#fail(error, { loading: null });
    }
  }

  /** Whether the turn is among those that are loaded. */
  has(turn: string): boolean {
    return this.state.list.rows.some((row) => row.turn.id === turn);
  }

  close(): void {
    this.#isClosed = true;
    this.#endWatch();
    cancelAnimationFrame(this.#frame);
  }

  #follow(): void {
    const events = new TurnEvents({
      change: (update) => this.#set({ list: update(this.state.list) }),
      readTurn: (id) => this.#readTurn(id),
    });
    this.#endWatch = watch(this.#client, {
      document: TURN_CHANGES,
      variables: () => ({ id: this.#id, after: this.#revision }),
      onData: ({ turnChanged: { turnEdge, appended, deletedTurnId } }) => {
        this.#revision = Math.max(this.#revision, turnEdge.node.revision);
        events.apply({ turn: turnEdge.node, cursor: turnEdge.cursor, appended, deletedTurnId });
      },
      onError: (error) => {
        if (error !== null && codeOf(error) === "NOT_FOUND") this.#leave();
        else this.#set({ error });
      },
    });
  }

  /** The turn as it is now; asks until the server answers. */
  async #readTurn(id: string): Promise<Turn | null> {
    for (;;) {
      const { data, error } = await this.#client.query(TURN, { id });
      if (!error || this.#isClosed) {
        if (this.state.error !== null) this.#set({ error: null });
        return data?.turn ?? null;
      }
      this.#set({ error });
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    }
  }

  #leave(): void {
    this.#endWatch();
    this.#set({ phase: "gone" });
  }

  #fail(error: unknown, change: Partial<TranscriptState>): void {
    this.#set({ ...change, error: toClientError(error) });
  }

  #set(change: Partial<TranscriptState>): void {
    if (this.#isClosed) return;
    this.state = { ...this.state, ...change };
    cancelAnimationFrame(this.#frame);
    this.#frame = requestAnimationFrame(this.#onChange);
  }
}
