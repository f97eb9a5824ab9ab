import { FORMAT_NAMES, FORMATS } from "../formats/detect.ts";
import { readConversations } from "../formats/read-conversations.ts";
import { ReadingNotes } from "../formats/reading-notes.ts";
import { defineCommand } from "./command.ts";
import { importAll, KEPT_OF_AN_IMPORT } from "./import-all.ts";
import { REPAIR, REPLACE, readImportSettings } from "./import-settings.ts";
import { openInput } from "./open-input.ts";

export const importCommand = defineCommand({
  name: "import",
  summary: "Imports conversations from a file; - reads standard input.",
  details: `Recognises each record by its content; reads JSON and JSON Lines, packed with gzip or not:
${FORMATS.map(({ name, description }) => `  ${name.padEnd(12)}  ${description}`).join("\n")}

A known conversation gains its new turns. Turns with ids are updated when they changed. Turns without ids are matched by
what they say: a record that continues the conversation adds turns, one that differs is refused unless --replace is given.
A bad record is named on standard error and nothing of it is kept; the rest is imported, and the exit status is 1.`,
  options: {
    project: {
      type: "string",
      placeholder: "P",
      description: "the project to import into, created when new (default)",
    },
    user: { type: "string", placeholder: "KEY", description: "the isolation key of conversations without a user" },
    agent: { type: "string", placeholder: "NAME[:VERSION]", description: "the agent of conversations without one" },
    created: {
      type: "string",
      placeholder: "TIME",
      description: "the beginning of conversations without times (2000-01-01)",
    },
    repair: REPAIR,
    replace: REPLACE,
    branches: {
      type: "string",
      placeholder: "shown|all",
      description: "the branch of ChatGPT's and Claude's that was shown (shown), or each as its own conversation",
    },
    format: { type: "string", placeholder: "F", description: `reads the file as ${FORMAT_NAMES.join(", ")}` },
  },
  positionals: ["FILE"],
  kept: KEPT_OF_AN_IMPORT,
  async run({ values, positionals: [file], signal, out, openDatabase }) {
    const settings = readImportSettings(values);
    const input = await openInput(file, signal);
    const notes = new ReadingNotes(settings);
    const records = readConversations(input.stream, settings, notes);
    const database = await openDatabase();
    return importAll({ name: file, total: input.size, records, notes }, { database, settings, signal, out });
  },
});
