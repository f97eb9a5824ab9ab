import { sql } from "drizzle-orm";

import type { Executor } from "../../src/store/database/executor.ts";

interface Conversation {
  project: string;
  id: string;
  user: string | null;
  agent: string | null;
  version: string | null;
  day: number;
}

interface Turn {
  project: string;
  id: string;
  conversation: string;
  position: number;
  revision: number;
  role: string;
  question: string | null;
}

interface Head extends Pick<Conversation, "project" | "id" | "user"> {
  turns: number;
  revision: number;
}

/**
 * Everything in which the tables disagree: counts, ids of objects, users of heads, positions, replies. Nothing in a sound
 * database. Each table is read by itself, and compared here: they may be spread over machines.
 */
export async function brokenRules(executor: Executor): Promise<string[]> {
  const conversations = await executor.rows<Conversation>(sql`
    SELECT project_id AS project, id, isolation_key AS user, agent_name AS agent, agent_version AS version,
      floor(extract(epoch FROM created_at) / 86400)::integer AS day FROM conversations`);
  const turns = await executor.rows<Turn>(sql`
    SELECT project_id AS project, id, conversation_id AS conversation, position, revision, role, in_reply_to_id AS question FROM turns`);
  const heads = await executor.rows<Head>(sql`
    SELECT project_id AS project, conversation_id AS id, isolation_key AS user, turn_count AS turns, revision FROM conversation_heads`);
  const ids = await executor.rows<{ project: string; id: string }>(
    sql`SELECT project_id AS project, id FROM imported_ids`,
  );
  const objects = [...conversations.filter(hasOtherId("conv_")), ...turns.filter(hasOtherId("turn_"))];
  return [
    ...brokenCounts(conversations, await readCounts(executor)),
    ...difference("id", objects.map(name).sort(), ids.map(name).sort()),
    ...brokenHeads(conversations, heads, turns),
    ...brokenReplies(turns),
  ];
}

const name = ({ project, id }: { project: string; id: string }) => `${project}/${id}`;
const hasOtherId =
  (prefix: string) =>
  ({ id }: { id: string }) =>
    !id.startsWith(prefix);

/** The sum of each count, by its key. */
async function readCounts(executor: Executor): Promise<Map<string, number>> {
  const shares = await executor.rows<{ key: unknown[]; user: string; count: number }>(sql`
    SELECT json_build_array(project_id, isolation_key, agent_name, agent_version, bucket) AS key, isolation_key AS user, count
    FROM conversation_counts`);
  const sums = new Map<string, number>();
  for (const { key, count } of shares) sums.set(JSON.stringify(key), (sums.get(JSON.stringify(key)) ?? 0) + count);
  // A sum that came to nothing may stay, but none that names a user.
  return new Map([...sums].filter(([key, sum]) => sum !== 0 || JSON.parse(key)[1] !== ""));
}

function brokenCounts(conversations: Conversation[], kept: Map<string, number>): string[] {
  const counted = new Map<string, number>();
  for (const { project, user, agent, version, day } of conversations) {
    const keys = [[project, "", "", "", day]];
    if (user !== null) keys.push([project, user, "", "", Math.floor(day / 32)]);
    if (agent !== null) keys.push([project, "", agent, "", day]);
    if (agent !== null && version !== null) keys.push([project, "", agent, version, day]);
    for (const key of keys) counted.set(JSON.stringify(key), (counted.get(JSON.stringify(key)) ?? 0) + 1);
  }
  const lines = (counts: Map<string, number>) => [...counts].map(([key, count]) => `${key} ${count}`).sort();
  return difference("count", lines(counted), lines(kept));
}

function brokenHeads(conversations: Conversation[], heads: Head[], turns: Turn[]): string[] {
  const users = (rows: Pick<Head, "project" | "id" | "user">[]) =>
    rows.map((row) => `${name(row)} of ${row.user}`).sort();
  const byConversation = Map.groupBy(turns, ({ project, conversation }) => name({ project, id: conversation }));
  const unsound = heads.filter((head) => {
    const own = byConversation.get(name(head)) ?? [];
    const positions = new Set(own.map(({ position }) => position));
    const isWhole = own.length === head.turns && own.every((_turn, index) => positions.has(index + 1));
    return !isWhole || own.some(({ revision }) => revision > head.revision);
  });
  return [...difference("head", users(conversations), users(heads)), ...unsound.map((head) => `turns: ${name(head)}`)];
}

function brokenReplies(turns: Turn[]): string[] {
  const questions = new Map(turns.filter(({ role }) => role === "user").map((turn) => [name(turn), turn.conversation]));
  return turns.flatMap(({ project, id, conversation, question }) =>
    question === null || questions.get(name({ project, id: question })) === conversation ? [] : [`reply: ${id}`],
  );
}

/** What is stored and not kept, or kept and not stored; each line as often as it is missing. */
function difference(what: string, stored: string[], kept: string[]): string[] {
  const left = new Map<string, number>();
  for (const line of stored) left.set(line, (left.get(line) ?? 0) + 1);
  for (const line of kept) left.set(line, (left.get(line) ?? 0) - 1);
  return [...left].flatMap(([line, by]) => (by === 0 ? [] : [`${what}: ${by} of ${line}`]));
}
