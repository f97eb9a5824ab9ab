import { FORMAT_NAMES, FORMATS } from "../formats/detect.ts";
import { readConversations } from "../formats/read-conversations.ts";
import { ReadingNotes } from "../formats/reading-notes.ts";
import { defineCommand } from "./command.ts";
import { importAll, KEPT_OF_AN_IMPORT } from "./import-all.ts";
import { REPAIR, REPLACE, readImportSettings } from "./import-settings.ts";
import { openInput } from "./open-input.ts";

export const importCommand = defineCommand({
  name: "import",
  summary: "Takes in conversations from a file; - reads standard input.",
  details: `Told apart by their content, each record for itself; as JSON or as JSON Lines, packed with gzip or not:
${FORMATS.map(({ name, description }) => `  ${name.padEnd(12)}  ${description}`).join("\n")}

A conversation that is known already gains its new turns. Turns with ids are taken over when they changed; others are
matched by what they say: a record that goes on adds, one that says something else is refused unless --replace is given.
A bad record is named on standard error, nothing of it is kept, the rest goes on, and the exit status is 1.`,
  options: {
    project: { type: "string", placeholder: "P", description: "the project to import into, made when new (default)" },
    user: { type: "string", placeholder: "KEY", description: "the isolation key of conversations that name no user" },
    agent: { type: "string", placeholder: "NAME[:VERSION]", description: "the agent of conversations that name none" },
    created: {
      type: "string",
      placeholder: "TIME",
      description: "when conversations began that have no times (2000-01-01)",
    },
    repair: REPAIR,
    replace: REPLACE,
    branches: {
      type: "string",
      placeholder: "shown|all",
      description: "of ChatGPT's and Claude's branches the shown one (shown), or each as a conversation of its own",
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
