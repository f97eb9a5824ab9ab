import { sql } from "drizzle-orm";

import { ApiError, badInput, notFound } from "../../model/errors.ts";
import { endHalf, joinHalves } from "../../model/half-characters.ts";
import type { MessageFragment, TurnState } from "../../model/message-fragment.ts";
import { MAX_TURN_BYTES } from "../../model/rules.ts";
import type { Database } from "../database/client.ts";
import type { Executor } from "../database/executor.ts";
import { TURN_COLUMNS, type TurnRow } from "../read/turns.ts";
import { isVisible, type Scope } from "../sql/scope.ts";
import { selectList } from "../sql/select-list.ts";
import { turnBytes, turnTooLong } from "../sql/turn-bytes.ts";
import { toAssignments } from "../sql/written-columns.ts";
import { conversationHeads, conversations } from "../tables/conversations.ts";
import { turns } from "../tables/turns.ts";
import { indexedOf, TURN_CONTENT } from "./append-turn.ts";

/** A change of a turn in progress. Effects come in the order of the properties. */
export interface TurnChange {
  /** Replaces all fragments. */
  messages: MessageFragment[] | null;
  /** Fragments to add at the end. */
  appendMessages: MessageFragment[] | null;
  /**
   * Text to add to the last fragment if that is text in progress, else to start one with. Half of a surrogate pair at its
   * end waits for the next one; at its start it completes the pair.
   */
  appendText: string | null;
  state: TurnState | null;
  errorDetail: string | null;
  /** The revision that the turn must be at. */
  expectedRevision: number | null;
}

/**
 * Changes a turn in progress, in one transaction that locks its conversation's head: what it costs depends on the
 * turn's length, not on the conversation's. NOT_FOUND for a turn that the scope does not see; CONFLICT for a final
 * turn, and for one that is at another revision than expected; LIMIT_EXCEEDED for a change that makes it too long.
 */
export async function updateTurn(database: Database, scope: Scope, id: string, change: TurnChange): Promise<TurnRow> {
  return database.transaction(async (transaction) => {
    const turn = await lockTurn(transaction, scope, id);
    if (turn === null) throw notFound("turn", "input.id");
    if (change.expectedRevision !== null && change.expectedRevision !== turn.revision) {
      const message = `The turn is at revision ${turn.revision}, not ${change.expectedRevision}.`;
      throw new ApiError("CONFLICT", message, "input.expectedRevision");
    }
    if (turn.state !== "in-progress")
      throw new ApiError("CONFLICT", "The turn is final: it cannot change.", "input.id");
    return writeChange(transaction, scope, turn, change);
  });
}

/** A turn in progress, and the high surrogate that its text ended with. */
type OpenTurn = TurnRow & { highSurrogate: number | null };

async function lockTurn(transaction: Executor, scope: Scope, id: string): Promise<OpenTurn | null> {
  const [turn] = await transaction.rows<OpenTurn>(sql`
    SELECT 'turn' AS kind, t.id, ${selectList(TURN_COLUMNS)}, t.high_surrogate AS "highSurrogate" FROM ${turns} t
    JOIN ${conversations} c ON c.project_id = t.project_id AND c.id = t.conversation_id
    JOIN ${conversationHeads} h ON h.project_id = t.project_id AND h.conversation_id = t.conversation_id
    WHERE ${isVisible(scope, "c")} AND t.id = ${id} FOR UPDATE OF h, t`);
  return turn ?? null;
}

async function writeChange(transaction: Executor, scope: Scope, turn: OpenTurn, change: TurnChange): Promise<TurnRow> {
  const state = change.state ?? turn.state;
  const { messages, highSurrogate } = changeMessages(turn, change, state);
  if (turnBytes(messages, change.errorDetail) > MAX_TURN_BYTES) throw turnTooLong(`input.${lastAddition(change)}`);
  const changes = { state, messages, errorDetail: change.errorDetail, ...indexedOf({ state, messages }) };
  const [changed] = await transaction.rows<TurnRow>(sql`
    WITH h AS (
      UPDATE ${conversationHeads} SET revision = revision + 1, updated_at = greatest(updated_at, clock_timestamp())
      WHERE project_id = ${scope.projectId} AND conversation_id = ${turn.conversationId} RETURNING revision
    )
    UPDATE ${turns} t SET revision = h.revision, high_surrogate = ${highSurrogate}, ${toAssignments(TURN_CONTENT, changes)}
    FROM h WHERE t.project_id = ${scope.projectId} AND t.id = ${turn.id}
    RETURNING 'turn' AS kind, t.id, ${selectList(TURN_COLUMNS)}`);
  if (changed === undefined) throw new Error("A locked turn disappeared.");
  return changed;
}

/** The last property of the change that adds to the turn's length. */
function lastAddition({ errorDetail, appendText, appendMessages }: TurnChange): keyof TurnChange {
  if (errorDetail !== null) return "errorDetail";
  if (appendText !== null) return "appendText";
  return appendMessages === null ? "messages" : "appendMessages";
}

/** What a turn has said so far. */
interface Said {
  messages: readonly MessageFragment[];
  highSurrogate: number | null;
}

/**
 * What the turn has said after the change. A turn that becomes done has no text in progress; one that ends otherwise may.
 * Half a character that nothing completes becomes U+FFFD. BAD_USER_INPUT for text that does not complete it.
 */
export function changeMessages(
  before: Said,
  change: Pick<TurnChange, "messages" | "appendMessages" | "appendText">,
  state: TurnState,
): Said {
  let said: Said = change.messages === null ? before : { messages: change.messages, highSurrogate: null };
  if (change.appendMessages !== null && change.appendMessages.length > 0) {
    said = { messages: [...endText(said), ...change.appendMessages], highSurrogate: null };
  }
  if (change.appendText !== null) said = appendText(said, change.appendText);
  if (state === "in-progress") return said;
  const messages = endText(said);
  return { messages: state === "done" ? messages.map(close) : messages, highSurrogate: null };
}

function appendText({ messages, highSurrogate }: Said, piece: string): Said {
  const joined = joinHalves(highSurrogate, piece);
  if (joined === null) {
    const message =
      highSurrogate === null
        ? "Text must not begin with the second half of a surrogate pair where the last append did not end with the first."
        : "Text must begin with the second half of the surrogate pair that the last append ended with.";
    throw badInput("input.appendText", message);
  }
  return { messages: addText(messages, joined.text), highSurrogate: joined.held };
}

function endText({ messages, highSurrogate }: Said): readonly MessageFragment[] {
  return highSurrogate === null ? messages : addText(messages, endHalf(highSurrogate));
}

function addText(messages: readonly MessageFragment[], text: string): MessageFragment[] {
  const last = messages.at(-1);
  if (last?.kind === "text" && last.state === "in-progress") {
    return [...messages.slice(0, -1), { ...last, content: last.content + text }];
  }
  return [...messages, { kind: "text", content: text, state: "in-progress" }];
}

function close(fragment: MessageFragment): MessageFragment {
  return fragment.kind === "text" ? { ...fragment, state: "done" } : fragment;
}
