import { sql } from "drizzle-orm";
import { type Outcome, type RunningCommand, runCommand, startCommand } from "../harness/run-command.ts";
import type { TestServer } from "../harness/server.ts";
import { type Answer, startStandIn } from "./stand-in.ts";

export interface Puller {
  origin: string;
  /** Path and query of every request that the service had so far. */
  asked: string[];
  /** The project that it pulls into: one of its own. */
  project: string;
  pull(...options: string[]): Promise<Outcome>;
  start(...options: string[]): RunningCommand;
  /** Each conversation of the project, oldest first, with its texts: `id | text | text`. */
  stored(): Promise<string[]>;
  close(): Promise<void>;
}

let projects = 0;

/** Starts a service that gives these answers, and the ways to pull from it into the server's database. */
export async function startPuller(
  { url, database }: TestServer,
  answer: Answer,
  toArgs: (origin: string) => string[],
): Promise<Puller> {
  const { origin, asked, close } = await startStandIn(answer);
  const project = `pulled-${++projects}`;
  const args = ["pull", ...toArgs(origin), "--project", project];
  return {
    origin,
    asked,
    project,
    pull: (...options) => runCommand(url, [...args, ...options]),
    start: (...options) => startCommand(url, [...args, ...options]),
    async stored() {
      const rows = await database.rows<{ line: string }>(sql`
        SELECT concat_ws(' | ', c.id, (
          SELECT string_agg(fragment ->> 'content', ' | ' ORDER BY t.position)
          FROM turns t, json_array_elements(t.messages) AS fragment
          WHERE t.project_id = c.project_id AND t.conversation_id = c.id)) AS line
        FROM conversations c WHERE c.project_id = ${project} ORDER BY c.created_at, c.id`);
      return rows.map(({ line }) => line);
    },
    close,
  };
}

/** What the command says when it took that many conversations of two turns in. */
export function imported(conversations: number, skipped = 0): string {
  const turns = `${conversations * 2} turns, ${conversations * 2} fragments`;
  return `imported ${conversations} conversations, ${turns} (${skipped} skipped)\n`;
}

/** The answers of a service, but for the requests that the faults are about: each of them is met once. */
export function withFaults(
  answer: Answer,
  faults: readonly (readonly [part: string, fault: ReturnType<Answer>])[],
): Answer {
  const left = [...faults];
  return (request) => {
    const index = left.findIndex(([part]) => `${request.url.pathname}${request.url.search}`.includes(part));
    const [met] = index < 0 ? [] : left.splice(index, 1);
    return met === undefined ? answer(request) : met[1];
  };
}
