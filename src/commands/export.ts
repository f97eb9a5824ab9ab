import { EXPORT_TARGETS, type ExportTarget } from "../formats/export/target.ts";
import { writeExportLine } from "../formats/export-lines.ts";
import { isIsolationKey } from "../formats/ownership.ts";
import { ReadingNotes } from "../formats/reading-notes.ts";
import { parseInstant } from "../model/instant.ts";
import { exportConversations } from "../store/read/export-conversations.ts";
import { defineCommand, UsageError } from "./command.ts";
import { openOutput } from "./open-output.ts";
import { startProgress } from "./progress.ts";
import { readProjectId } from "./project-option.ts";
import { INTERRUPTED } from "./stop-signal.ts";

const TARGET_NAMES = EXPORT_TARGETS.map(({ name }) => name).join(", ");

export const exportCommand = defineCommand({
  name: "export",
  summary: "Writes conversations as JSON Lines, with every field.",
  details: `One conversation a line, oldest first, in one snapshot of the database. Imported into an empty database, the lines give
the same answers there.

With --to the lines are in another format, which import reads too; what that format has no place for is left out and
counted on standard error:
${EXPORT_TARGETS.map(({ name, description }) => `  ${name.padEnd(12)}  ${description}`).join("\n")}`,
  options: {
    project: { type: "string", placeholder: "P", description: "the project to write (default)" },
    user: { type: "string", placeholder: "KEY", description: "only the conversations of this isolation key" },
    since: {
      type: "string",
      placeholder: "TIME",
      description: "only what changed at this RFC 3339 instant or later, metadata included",
    },
    to: { type: "string", placeholder: "F", description: `writes ${TARGET_NAMES}, in place of lines with every field` },
    out: { type: "string", placeholder: "FILE", description: "the file to write, in place of standard output" },
  },
  positionals: [],
  kept: "What was written is not all, and a file that --out names is left as it was. Run it again.",
  async run({ values, signal, openDatabase }) {
    const { user = null } = values;
    if (user !== null && !isIsolationKey(user)) {
      throw new UsageError("--user must be 1 to 256 bytes without control characters");
    }
    const scope = { projectId: readProjectId(values.project), isolationKey: user };
    const since = readSince(values.since);
    const target = readTarget(values.to);
    const notes = new ReadingNotes();
    const database = await openDatabase();
    const output = await openOutput(values.out);
    const progress = startProgress(null);
    let conversations = 0;
    let turns = 0;
    try {
      for await (const record of exportConversations(database, scope, since)) {
        if (signal.aborted) break;
        if (target !== null && record.turns.length === 0) {
          notes.countLeftOut("conversation without turns");
          continue;
        }
        await output.write(`${target?.write(record, notes) ?? writeExportLine(record)}\n`);
        conversations += 1;
        turns += record.turns.length;
        progress.update(conversations, conversations);
      }
      await output.finish(!signal.aborted);
    } catch (error) {
      await output.finish(false);
      throw error;
    } finally {
      progress.stop();
    }
    if (signal.aborted) return INTERRUPTED;
    for (const line of notes.lines()) progress.say(line);
    progress.say(`exported ${conversations} conversations, ${turns} turns`);
    return 0;
  },
});

function readSince(text: string | undefined): Date | null {
  if (text === undefined) return null;
  const instant = parseInstant(text);
  if (instant === null) throw new UsageError("--since must be an RFC 3339 instant such as 2026-01-31T00:00:00Z");
  return instant;
}

/** The target format with the name; null for lines with every field. */
function readTarget(name: string | undefined): ExportTarget | null {
  const target = EXPORT_TARGETS.find((candidate) => candidate.name === name);
  if (name !== undefined && target === undefined) throw new UsageError(`--to must be one of ${TARGET_NAMES}`);
  return target ?? null;
}
