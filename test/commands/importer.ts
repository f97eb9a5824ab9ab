import { sql } from "drizzle-orm";

import type { Database } from "../../src/store/database/client.ts";
import { connectTo } from "../harness/connect.ts";
import { createDatabase } from "../harness/database.ts";
import { type Outcome, runCommand } from "../harness/run-command.ts";

export interface Importer {
  url: string;
  database: Database;
  /** Runs the command with the text as standard input, into a project of its own unless the options name one. */
  importText(input: string | Buffer | object, ...options: string[]): Promise<Outcome & { project: string }>;
  /** Every turn of the project, conversation by conversation: `id | role: fragment; fragment`. */
  turns(project: string): Promise<string[]>;
  close(): Promise<void>;
}

let projects = 0;

/** A database of its own to import into. */
export async function createImporter(): Promise<Importer> {
  const { url, drop } = await createDatabase();
  const database = connectTo(url);
  return {
    url,
    database,
    async importText(input, ...options) {
      const text = typeof input === "string" || Buffer.isBuffer(input) ? input : JSON.stringify(input);
      const project = options.includes("--project") ? "" : `p${++projects}`;
      const named = project === "" ? options : [...options, "--project", project];
      return { ...(await runCommand(url, ["import", "-", ...named], text)), project };
    },
    async turns(project) {
      const rows = await database.rows<{ line: string }>(sql`
        SELECT t.conversation_id || ' | ' || t.role || ': ' || (
          SELECT string_agg(CASE f ->> 'kind'
            WHEN 'text' THEN f ->> 'content'
            WHEN 'functionCall' THEN (f ->> 'name') || '(' || (f ->> 'args') || ')'
            ELSE (f ->> 'name') || ' -> ' || (f ->> 'response') END, '; ' ORDER BY place)
          FROM json_array_elements(t.messages) WITH ORDINALITY AS fragments (f, place)) AS line
        FROM turns t JOIN conversations c ON c.project_id = t.project_id AND c.id = t.conversation_id
        WHERE t.project_id = ${project} ORDER BY c.created_at, c.id, t.position`);
      return rows.map(({ line }) => line.replace(/^conv_[0-9a-f]{32}/, "conv"));
    },
    async close() {
      await database.close();
      await drop();
    },
  };
}

/** What the command says when it took so much in. */
export function summary(conversations: number, turns: number, fragments: number, skipped = 0): string {
  return `imported ${conversations} conversations, ${turns} turns, ${fragments} fragments (${skipped} skipped)\n`;
}
