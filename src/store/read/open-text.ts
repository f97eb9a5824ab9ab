import { type SQL, sql } from "drizzle-orm";

import type { MessageFragment } from "../../model/message-fragment.ts";
import { turnChunks } from "../tables/turn-chunks.ts";

// The text in progress of a turn: what is appended to it becomes rows of `turn_chunks`, and reads put them where they belong. So
// they do with the fragments of items that joined a turn of items.

/** The end of the JSON of messages that take chunks: their last fragment is text in progress, and its content stands right here. */
const OPEN_END = `","state":"in-progress"}]`;

/** Whether the messages take chunks as they are stored. */
export function takesChunks(messages: readonly MessageFragment[]): boolean {
  const last = messages.at(-1);
  if (last?.kind !== "text" || last.state !== "in-progress") return false;
  return JSON.stringify(last).endsWith(
    `"content":${JSON.stringify(last.content).slice(0, -1)}${OPEN_END.slice(0, -1)}`,
  );
}

/** The text as it stands between the quotes of a JSON string. */
export function toJsonText(text: string): string {
  return JSON.stringify(text).slice(1, -1);
}

/** The text that stands so between the quotes of a JSON string. */
export function fromJsonText(jsonText: string): string {
  // Safe cast: the text of a JSON string is a string.
  return JSON.parse(`"${jsonText}"`) as string;
}

/** An expression: the messages of the project's turn `t` with what its chunks hold, and `more` text as JSON has it. */
export function currentMessages(projectId: string, more = sql`''`): SQL {
  const withChunks = (end: string, after: SQL, added: SQL) => sql`(
    SELECT (left(t.messages::text, ${sql.raw(String(-end.length))}) || coalesce(string_agg(k.json_text, '' ORDER BY k.revision), '')
      || ${added} || ${sql.raw(`'${end}'`)})::json
    FROM ${turnChunks} k WHERE k.project_id = ${projectId} AND k.turn_id = t.id AND k.revision > ${after}
  )`;
  return sql`CASE WHEN t.chunks_after IS NOT NULL THEN ${withChunks(OPEN_END, sql`t.chunks_after`, more)}
    WHEN t.items_after IS NOT NULL THEN ${withChunks("]", sql`t.items_after`, sql`''`)} ELSE t.messages END`;
}

/** An expression: the revision of the project's turn `t`, that of its last chunk where it has any. */
export function currentRevision(projectId: string): SQL {
  return sql`CASE WHEN t.chunks_after IS NULL AND t.items_after IS NULL THEN t.revision ELSE (
    SELECT coalesce(max(k.revision), t.revision) FROM ${turnChunks} k WHERE k.project_id = ${projectId} AND k.turn_id = t.id
  ) END`;
}
