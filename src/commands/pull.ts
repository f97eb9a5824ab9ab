import { ReadingNotes } from "../formats/reading-notes.ts";
import { readNodes } from "../store/read/nodes.ts";
import { defineCommand } from "./command.ts";
import { importAll, KEPT_OF_AN_IMPORT } from "./import-all.ts";
import { REPAIR, REPLACE, readImportSettings } from "./import-settings.ts";
import { openFixie } from "./pull/open-fixie.ts";
import { readPullSettings } from "./pull/pull-settings.ts";
import { createService } from "./pull/service.ts";
import { INTERRUPTED } from "./stop-signal.ts";

export const pullCommand = defineCommand({
  name: "pull",
  summary: "Copies conversations from a running Foundry or Fixie service, or another conversation-graph.",
  details: `Reads the documented lists, Foundry's with the items of each conversation, and imports them as import does: a second run
adds what is new and changes nothing else. It keeps no state; after an interruption run it again. With --skip-known it
does not read the items of Foundry's conversations that are stored here, and misses what was added to them since.
A list does not name the users of its conversations: pull user by user with --isolation-key where that matters.`,
  options: {
    from: { type: "string", placeholder: "foundry|fixie", description: "the kind of service (required)" },
    url: {
      type: "string",
      placeholder: "URL",
      description: "its address; a query in it goes with every request (required)",
    },
    key: {
      type: "string",
      placeholder: "K",
      description: "the key or token of the service; lists of processes show it",
    },
    "key-file": {
      type: "string",
      placeholder: "FILE",
      description: "the file that holds the key; - reads standard input",
    },
    agent: {
      type: "string",
      placeholder: "NAME[:VERSION]",
      description: "only this agent's conversations, kept with it (fixie: required)",
    },
    "isolation-key": {
      type: "string",
      placeholder: "KEY",
      description: "only this user's conversations, kept under the same user",
    },
    project: { type: "string", placeholder: "P", description: "the project to copy into, created when new (default)" },
    user: {
      type: "string",
      placeholder: "KEY",
      description: "the user to keep them under, in place of that of --isolation-key",
    },
    "skip-known": { type: "boolean", description: "foundry: leaves stored conversations as they are" },
    repair: REPAIR,
    replace: REPLACE,
    timeout: { type: "string", placeholder: "SECONDS", description: "how long one request may take (60)" },
  },
  positionals: [],
  kept: KEPT_OF_AN_IMPORT,
  async run({ values, signal, out, openDatabase }) {
    const pull = await readPullSettings(values);
    const user = values.user ?? values["isolation-key"];
    const settings = readImportSettings({ ...values, ...(user !== undefined && { user }) });
    const ask = createService({ ...pull, signal });
    const notes = new ReadingNotes(settings);
    try {
      const source = pull.from === "fixie" ? await openFixie(pull, ask, notes) : await openFoundry();
      return await importAll(source, { database: await openDatabase(), settings, signal, out });
    } catch (error) {
      // Interrupted before the first record.
      if (signal.aborted && error instanceof Error && error.name === "AbortError") return INTERRUPTED;
      throw error;
    }

    async function openFoundry() {
      // The OpenAI client is large: only this command loads it.
      const foundry = await import("./pull/open-foundry.ts");
      return foundry.openFoundry(pull, { ask, findKnown, notes });
    }

    async function findKnown(ids: readonly string[]): Promise<ReadonlySet<string>> {
      if (!pull.skipKnown) return new Set();
      const { projectId, isolationKey } = settings;
      const nodes = await readNodes(await openDatabase(), { projectId, isolationKey }, ids);
      return new Set([...nodes.values()].flatMap(({ kind, id }) => (kind === "conversation" ? [id] : [])));
    }
  },
});
