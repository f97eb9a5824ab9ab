import { FORMAT_NAMES } from "../formats/detect.ts";
import { InputError } from "../formats/format-errors.ts";
import { readConversations } from "../formats/read-conversations.ts";
import { ReadingNotes } from "../formats/reading-notes.ts";
import { ensureProject } from "../store/write-conversation.ts";
import { defineCommand } from "./command.ts";
import { readImportSettings } from "./import-settings.ts";
import { ImportTally } from "./import-tally.ts";
import { openInput } from "./open-input.ts";
import { startProgress } from "./progress.ts";
import { INTERRUPTED } from "./stop-signal.ts";
import { takeIn } from "./take-in.ts";

export const importCommand = defineCommand({
  name: "import",
  summary: "Takes in conversations from a file; - reads standard input.",
  details: `Told apart by their content: the documented Fixie list answer, OpenAI chat-format trajectories, and what export
writes; each as JSON or as JSON Lines. A conversation that is known already gains its new turns and takes over changed
ones. A bad record is named on standard error, nothing of it is kept, the rest goes on, and the exit status is 1.`,
  options: {
    project: { type: "string", placeholder: "P", description: "the project to import into, made when new (default)" },
    user: { type: "string", placeholder: "KEY", description: "the isolation key of conversations that name no user" },
    agent: { type: "string", placeholder: "NAME[:VERSION]", description: "the agent of conversations that name none" },
    format: { type: "string", placeholder: "F", description: `reads the file as ${FORMAT_NAMES.join(", ")}` },
  },
  positionals: ["FILE"],
  async run({ values, positionals: [file], signal, out, openDatabase }) {
    const settings = readImportSettings(values);
    const input = await openInput(file, signal);
    const database = await openDatabase();
    await ensureProject(database, settings.projectId);
    const notes = new ReadingNotes();
    const tally = new ImportTally();
    const progress = startProgress(input.size);
    try {
      for await (const { position, result, bytesRead } of readConversations(input.stream, settings.format, notes)) {
        if (signal.aborted) break;
        const outcome = await takeIn(database, settings, result);
        tally.count(outcome);
        if (outcome instanceof Error) {
          progress.say([file, position, outcome.message].filter((part) => part !== "").join(": "));
        }
        progress.update(bytesRead, tally.records);
      }
    } catch (error) {
      if (error instanceof InputError) {
        tally.count(error);
        progress.say(`${file}: ${error.message}`);
      } else if (!(signal.aborted && error instanceof Error && error.name === "AbortError")) {
        throw error;
      }
    } finally {
      progress.stop();
      for (const line of notes.lines()) progress.say(line);
      out(tally.summary());
    }
    if (signal.aborted) return INTERRUPTED;
    return tally.refused === 0 ? 0 : 1;
  },
});
