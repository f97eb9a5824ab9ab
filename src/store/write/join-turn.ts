import { sql } from "drizzle-orm";

import {
  calledFunctions,
  type MessageFragment,
  searchedText,
  type TurnRole,
  type TurnState,
} from "../../model/message-fragment.ts";
import type { Executor } from "../database/executor.ts";
import { together } from "../database/together.ts";
import { currentMessages } from "../read/open-text.ts";
import { textArray } from "../sql/parameters.ts";
import type { Scope } from "../sql/scope.ts";
import { MAX_UNFOLDED_BYTES } from "../sql/turn-bytes.ts";
import { toAssignments } from "../sql/written-columns.ts";
import { turnChunks } from "../tables/turn-chunks.ts";
import { turns } from "../tables/turns.ts";
import { indexedOf, TURN_CONTENT } from "./turn-content.ts";

/** A conversation's last turn, as far as items that follow need to know it: without its messages. */
export interface LastTurn {
  id: string;
  role: TurnRole;
  state: TurnState;
  ofItems: boolean;
  itemsAfter: number | null;
  /** Its revision, that of its last chunk where it has any. */
  revision: number;
  /** The bytes of its messages, those that stand in chunks apart. */
  bytes: number;
  unfoldedBytes: number;
}

/** What items add to the turn. */
export interface Addition {
  conversationId: string;
  /** The turn's revision from now on. */
  revision: number;
  /** Null where it stays. */
  state: TurnState | null;
  messages: readonly MessageFragment[];
}

// Of a turn whose messages are `[]`.
const EMPTY_BYTES = 2;

/**
 * Adds to a turn of items. The fragments become a chunk, which costs what they are long; where the chunks would have too many
 * bytes, and for a turn that has said nothing yet, the turn is written as a whole. Up to three statements.
 */
export async function joinTurn(writer: Executor, scope: Scope, turn: LastTurn, addition: Addition): Promise<void> {
  const added = addition.messages.map((fragment) => `,${JSON.stringify(fragment)}`).join("");
  const unfoldedBytes = turn.unfoldedBytes + Buffer.byteLength(added);
  if (turn.bytes === EMPTY_BYTES || unfoldedBytes > MAX_UNFOLDED_BYTES) {
    await foldTurn(writer, scope, turn, addition);
    return;
  }
  const { conversationId, revision, state, messages } = addition;
  const names = calledFunctions(messages) ?? [];
  const isOpen = turn.itemsAfter !== null;
  await together([
    writer.rows(sql`
      INSERT INTO ${turnChunks} (project_id, turn_id, revision, previous_revision, fragment, length, unfolded_bytes, json_text,
        conversation_id, words)
      VALUES (${scope.projectId}, ${turn.id}, ${revision}, ${turn.revision}, 0, 0, ${unfoldedBytes}, ${added},
        ${conversationId}, search_words(${searchedText(messages)}::text))`),
    // The row is left alone by most items: it has the messages that came before, and their words in an index.
    writer.rows(sql`
      UPDATE ${turns} t SET items_after = coalesce(t.items_after, t.revision), state = ${state ?? turn.state}, error_detail = CASE WHEN ${state === null} THEN t.error_detail END,
        called_functions = nullif(coalesce(t.called_functions, '{}') || ARRAY(
          SELECT name FROM unnest(${textArray(names)}) AS name WHERE name <> ALL (coalesce(t.called_functions, '{}'))
        ), '{}')
      WHERE t.project_id = ${scope.projectId} AND t.id = ${turn.id}
        AND (${!isOpen} OR t.state <> ${state ?? turn.state} OR NOT coalesce(t.called_functions, '{}') @> ${textArray(names)})`),
  ]);
}

/**
 * Writes the turn as a whole, with what its chunks hold and what is added, if anything: from now on it has no chunks. Costs
 * what the turn has said. None of the statements, which are up to three, for a turn without chunks that nothing is added to.
 */
export async function foldTurn(
  writer: Executor,
  scope: Scope,
  turn: Pick<LastTurn, "id" | "state" | "itemsAfter" | "revision">,
  addition: Addition | null,
): Promise<void> {
  if (addition === null && turn.itemsAfter === null) return;
  const [said] = await writer.rows<{ messages: MessageFragment[] }>(sql`
    SELECT ${currentMessages(scope.projectId)} AS messages FROM ${turns} t
    WHERE t.project_id = ${scope.projectId} AND t.id = ${turn.id}`);
  const messages = [...(said?.messages ?? []), ...(addition?.messages ?? [])];
  await replaceMessages(writer, scope, turn.id, {
    revision: addition?.revision ?? turn.revision,
    state: addition?.state ?? turn.state,
    messages,
  });
}

/** Writes the turn of items with these messages, which are all that it says. Two statements. */
export async function replaceMessages(
  writer: Executor,
  { projectId }: Scope,
  id: string,
  { revision, state, messages }: Omit<Addition, "conversationId" | "state"> & { state: TurnState },
): Promise<void> {
  const content = { state, messages: [...messages], ...indexedOf({ state, messages }) };
  await together([
    writer.rows(sql`
      UPDATE ${turns} SET revision = ${revision}, of_items = true, items_after = NULL, ${toAssignments(TURN_CONTENT, content)},
        error_detail = CASE WHEN ${state === "error"} THEN error_detail END
      WHERE project_id = ${projectId} AND id = ${id}`),
    writer.rows(sql`DELETE FROM ${turnChunks} WHERE project_id = ${projectId} AND turn_id = ${id}`),
  ]);
}
