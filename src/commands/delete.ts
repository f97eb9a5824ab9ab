import { createInterface } from "node:readline/promises";

import { isIsolationKey } from "../formats/ownership.ts";
import { countConversations } from "../store/read/conversations.ts";
import { deleteAll } from "../store/write/delete-all.ts";
import { defineCommand, UsageError } from "./command.ts";
import { startProgress } from "./progress.ts";
import { readProjectId } from "./project-option.ts";
import { INTERRUPTED } from "./stop-signal.ts";

export const deleteCommand = defineCommand({
  name: "delete",
  summary: "Deletes every conversation of one user, for good.",
  details: "Asks first, unless --yes is given. Without a terminal to ask on, --yes is needed.",
  options: {
    project: { type: "string", placeholder: "P", description: "the project (default)" },
    user: { type: "string", placeholder: "KEY", description: "the isolation key of the conversations" },
    yes: { type: "boolean", description: "does not ask" },
  },
  positionals: [],
  kept: "What was deleted before it stays deleted. Run the same command again to go on.",
  async run({ values, signal, out, openDatabase }) {
    const projectId = readProjectId(values.project);
    const { user, yes = false } = values;
    if (user === undefined || !isIsolationKey(user)) {
      throw new UsageError("--user must be given: 1 to 256 bytes without control characters");
    }
    if (!yes && !process.stdin.isTTY) throw new UsageError("--yes is needed without a terminal to ask on");
    const database = await openDatabase();
    const scope = { projectId, isolationKey: user };
    const found = await countConversations(database, scope, {});
    if (found > 0 && !yes && !(await confirm(`Delete ${found} conversations of this user for good?`, signal))) {
      out("deleted nothing");
      return 1;
    }
    const progress = startProgress(found);
    let deleted = 0;
    try {
      await deleteAll(database, scope, signal, (total) => {
        deleted = total;
        progress.update(total, total);
      });
    } finally {
      progress.stop();
      out(`deleted ${deleted} conversations`);
    }
    return signal.aborted ? INTERRUPTED : 0;
  },
});

async function confirm(question: string, signal: AbortSignal): Promise<boolean> {
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return /^y(es)?$/i.test((await terminal.question(`${question} [y/N] `, { signal })).trim());
  } finally {
    terminal.close();
  }
}
