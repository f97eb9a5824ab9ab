import { type SQL, sql } from "drizzle-orm";

import type { MessageFragment } from "../../model/message-fragment.ts";
import type { Executor } from "../database/executor.ts";
import { toJsonText } from "../read/open-text.ts";
import type { TurnRow } from "../read/turns.ts";
import type { Scope } from "../sql/scope.ts";
import { columnNames, namesOf, writtenColumns } from "../sql/written-columns.ts";
import { turnChunks } from "../tables/turn-chunks.ts";

const CHUNK = writtenColumns(turnChunks, "projectId", "conversationId", "words");

/** An INSERT of a chunk of text, each of its values an expression; with `from`, what follows the SELECT list that gives them. */
export function insertChunk({ projectId }: Scope, chunk: Record<keyof typeof CHUNK, SQL>, from?: SQL): SQL {
  const values = sql.join([sql`${projectId}`, ...namesOf(CHUNK).map((name) => chunk[name])], sql`, `);
  return sql`INSERT INTO ${turnChunks} (project_id, ${columnNames(CHUNK)})
    ${from === undefined ? sql`VALUES (${values})` : sql`SELECT ${values} ${from}`}`;
}

/** What is known of a turn that was just rewritten. */
interface Rewritten {
  before: TurnRow & { chunksAfter: number | null };
  after: TurnRow;
  /** Whether nothing but text was added, and more may follow in chunks. */
  goesOn: boolean;
}

/**
 * Does to the turn's chunks what follows from its new messages, which hold all that it has said. Where the text goes on, the
 * chunks since the last rewriting are kept for watchers, and the text that was added becomes the next of them; otherwise all of
 * them go. Up to two statements, none for a turn without chunks that takes none.
 */
export async function renewChunks(
  transaction: Executor,
  scope: Scope,
  { before, after, goesOn }: Rewritten,
): Promise<void> {
  if (before.chunksAfter !== null) {
    const old = goesOn ? sql` AND revision <= ${before.chunksAfter}` : sql``;
    await transaction.rows(
      sql`DELETE FROM ${turnChunks} WHERE project_id = ${scope.projectId} AND turn_id = ${after.id}${old}`,
    );
  }
  if (!goesOn) return;
  const fragment = after.messages.length - 1;
  const content = contentOf(after.messages[fragment]);
  const added = content.slice(contentOf(before.messages[fragment]).length);
  const chunk = {
    turnId: sql`${after.id}`,
    revision: sql`${after.revision}`,
    previousRevision: sql`${before.revision}`,
    fragment: sql`${fragment}`,
    length: sql`${content.length}`,
    unfoldedBytes: sql`0`,
    jsonText: sql`${toJsonText(added)}`,
  };
  await transaction.rows(insertChunk(scope, chunk));
}

function contentOf(fragment: MessageFragment | undefined): string {
  return fragment?.kind === "text" ? fragment.content : "";
}
