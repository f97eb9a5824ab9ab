import { type Client, CombinedError } from "@urql/core";

import { type Head, NEWER_TURNS, OLDER_TURNS, TURNS_AROUND } from "./documents.ts";
import { findCursor } from "./find-cursor.ts";
import { NO_TURNS, type TurnList, withNewer, withOlder } from "./turn-list.ts";

// What a conversation opens with, and what comes with each page: as much as one may have.
const NEWEST = 50;
const AROUND = 25;
const PAGE = 100;

/** A conversation with the turns to begin at. */
export interface Opened {
  head: Head;
  list: TurnList;
}

/**
 * The conversation with the named turn and those around it, else with its newest turns; null for one that is gone. Rejects
 * with a CombinedError.
 */
export async function openConversation(client: Client, id: string, turn: string | null): Promise<Opened | null> {
  const cursor = turn === null ? null : await findCursor(client, id, turn);
  const around = turn === null || cursor === null ? null : await loadAround(client, id, turn, cursor);
  if (around !== null) return around;
  const { data, error } = await client.query(OLDER_TURNS, { id, last: NEWEST, before: null });
  if (error) throw error;
  return data?.conversation ? { head: data.conversation, list: withOlder(NO_TURNS, data.conversation.turns) } : null;
}

async function loadAround(client: Client, id: string, turn: string, cursor: string): Promise<Opened | null> {
  const { data, error } = await client.query(TURNS_AROUND, { id, turn, cursor, count: AROUND });
  if (error) throw error;
  if (!data?.conversation || !data.turn) return null;
  const { older, newer } = data.conversation;
  const alone = { ...NO_TURNS, rows: [{ cursor, turn: data.turn }] };
  return { head: data.conversation, list: withNewer(withOlder(alone, older), newer) };
}

/** The list with the page of turns ahead of it. Rejects with a CombinedError. */
export async function loadOlder(client: Client, id: string, list: TurnList): Promise<(list: TurnList) => TurnList> {
  const before = list.rows[0]?.cursor ?? null;
  const { data, error } = await client.query(OLDER_TURNS, { id, last: PAGE, before });
  if (error) throw error;
  return (now) => (data?.conversation ? withOlder(now, data.conversation.turns) : now);
}

/** As `loadOlder`, for the page behind the list. */
export async function loadNewer(client: Client, id: string, list: TurnList): Promise<(list: TurnList) => TurnList> {
  const after = list.rows.at(-1)?.cursor ?? null;
  const { data, error } = await client.query(NEWER_TURNS, { id, first: PAGE, after });
  if (error) throw error;
  return (now) => (data?.conversation ? withNewer(now, data.conversation.turns) : now);
}

/** The error as one of the client's; any other is a fault of this page, and thrown on. */
export function toClientError(error: unknown): CombinedError {
  if (error instanceof CombinedError) return error;
  throw error;
}
