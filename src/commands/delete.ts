import { isIsolationKey, parseAgentId } from "../formats/ownership.ts";
import { countDeletable, type Deletion, deleteAll } from "../store/write/delete-all.ts";
import { defineCommand, UsageError } from "./command.ts";
import { confirm, requireTerminal } from "./confirm.ts";
import { readDuration } from "./duration-option.ts";
import { startProgress } from "./progress.ts";
import { readProjectId } from "./project-option.ts";
import { INTERRUPTED } from "./stop-signal.ts";

export const deleteCommand = defineCommand({
  name: "delete",
  summary: "Deletes conversations of one user, or old ones, for good.",
  details: `With several options, those that fulfil all of them. Of what is deleted nothing is kept but ids and users, for a day, for
watchers that resume. Asks first, unless --yes is given. Without a terminal to ask on, --yes is needed.`,
  options: {
    project: { type: "string", placeholder: "P", description: "the project (default)" },
    user: { type: "string", placeholder: "KEY", description: "the isolation key of the conversations" },
    "older-than": {
      type: "string",
      placeholder: "AGE",
      description: "only those without a write for so long: 90d, or 36h",
    },
    agent: { type: "string", placeholder: "NAME[:VERSION]", description: "only this agent's" },
    "dry-run": { type: "boolean", description: "says how many it would delete, and deletes nothing" },
    yes: { type: "boolean", description: "does not ask" },
  },
  positionals: [],
  kept: "What was deleted before it stays deleted. Run the same command again to go on.",
  async run({ values, signal, out, openDatabase }) {
    const projectId = readProjectId(values.project);
    const { user = null, yes = false, "dry-run": isTrial = false } = values;
    const deletion = readDeletion(values);
    if (user === null && deletion.idleSeconds === null) throw new UsageError("--user or --older-than must be given");
    if (user !== null && !isIsolationKey(user)) {
      throw new UsageError("--user must be 1 to 256 bytes without control characters");
    }
    if (!isTrial) requireTerminal(yes);
    const database = await openDatabase();
    const scope = { projectId, isolationKey: user };
    const found = await countDeletable(database, scope, deletion);
    if (isTrial) {
      out(`would delete ${found} conversations`);
      return 0;
    }
    const question = `Delete ${found} conversations of project ${projectId} for good?`;
    if (found > 0 && !yes && !(await confirm(question, signal))) {
      out("deleted nothing");
      return 1;
    }
    const progress = startProgress(found);
    let deleted = 0;
    const count = (total: number) => {
      deleted = total;
      progress.update(total, total);
    };
    try {
      await deleteAll(database, scope, signal, count, deletion);
    } finally {
      progress.stop();
      out(`deleted ${deleted} conversations`);
    }
    return signal.aborted ? INTERRUPTED : 0;
  },
});

function readDeletion({ agent, "older-than": age }: { agent?: string; "older-than"?: string }): Required<Deletion> {
  const parsed = agent === undefined ? null : parseAgentId(agent);
  if (agent !== undefined && parsed === null) {
    throw new UsageError("--agent must be NAME or NAME:VERSION, 1 to 128 characters each");
  }
  const idleSeconds = age === undefined ? null : readDuration("older-than", age);
  if (idleSeconds === 0) throw new UsageError("--older-than must be longer than nothing");
  return { agent: parsed, idleSeconds };
}
