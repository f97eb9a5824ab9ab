import { callOf } from "../model/call-of.ts";
import { formatInstant } from "../model/instant.ts";
import { DEFAULT_PROJECT } from "../model/rules.ts";
import type { Database } from "../store/database/client.ts";
import { type KeyRow, listKeys } from "../store/keys/keys.ts";
import { listProjects } from "../store/keys/projects.ts";
import { type ProjectRow, readProject } from "../store/read/projects.ts";
import { deleteProject, OnlyKeysError } from "../store/write/delete-project.ts";
import { defineCommand, UsageError } from "./command.ts";
import { confirm, requireTerminal } from "./confirm.ts";
import { startProgress } from "./progress.ts";
import { checkProjectId } from "./project-option.ts";
import { INTERRUPTED } from "./stop-signal.ts";

export const projectsCommand = defineCommand({
  name: "projects",
  summary: "Lists projects with what they have, and deletes one.",
  details: `  projects list                  prints all projects with their conversations, keys and last activity
  projects delete P [--yes]      deletes the project with its keys and conversations, for good; asks first

The keys go first, so that nothing more is written. A project with the only keys of the database is refused: without a key
the server would be open. The project ${DEFAULT_PROJECT} is emptied, and stays.`,
  options: { yes: { type: "boolean", description: "delete: does not ask" } },
  positionals: ["list|delete", "[P]"],
  kept: "What was deleted before it stays deleted. Run the same command again to go on.",
  async run({ values, positionals: [action, name], signal, out, openDatabase }) {
    if (action === "delete" && name !== undefined) {
      const projectId = checkProjectId(name, "P");
      requireTerminal(values.yes ?? false);
      return removeProject(await openDatabase(), projectId, { yes: values.yes ?? false, signal, out });
    }
    if (action === "delete") throw new UsageError("projects delete needs the name of a project; see `projects list`");
    if (action !== "list") throw new UsageError(`projects knows list and delete, not "${action}"`);
    if (name !== undefined) {
      throw new UsageError(`Unexpected argument "${name}". \`${callOf("projects")} --help\` explains it.`);
    }
    const database = await openDatabase();
    const keys = await listKeys(database);
    for (const id of await listProjects(database)) {
      const project = await readProject(database, id);
      if (project !== null) out(describe(project, keysOf(id, keys)));
    }
    return 0;
  },
});

interface Removal {
  yes: boolean;
  signal: AbortSignal;
  out(line: string): void;
}

async function removeProject(database: Database, projectId: string, { yes, signal, out }: Removal): Promise<number> {
  const project = await readProject(database, projectId);
  if (project === null) throw new Error(`There is no project ${projectId}.`);
  const keys = keysOf(projectId, await listKeys(database));
  const question = `Delete project ${projectId} with ${project.conversations} conversations and ${keys.length} keys for good?`;
  if (!yes && !(await confirm(question, signal))) {
    out("deleted nothing");
    return 1;
  }
  const progress = startProgress(project.conversations);
  try {
    const keepsRow = projectId === DEFAULT_PROJECT;
    const update = (total: number) => progress.update(total, total);
    const deleted = await deleteProject(database, projectId, keepsRow, signal, update);
    progress.stop();
    out(`deleted ${deleted.conversations} conversations and ${deleted.keys} keys of project ${projectId}`);
    return signal.aborted ? INTERRUPTED : 0;
  } catch (error) {
    if (!(error instanceof OnlyKeysError)) throw error;
    throw new Error(
      `Project ${projectId} has the only keys of the database, and without any the server would be open. Create a key of another project first.`,
    );
  } finally {
    progress.stop();
  }
}

function keysOf(projectId: string, keys: readonly KeyRow[]): KeyRow[] {
  return keys.filter((key) => key.projectId === projectId);
}

function describe({ id, createdAt, conversations, lastActivity }: ProjectRow, keys: readonly KeyRow[]): string {
  const valid = keys.filter(({ state }) => state === "valid").length;
  return [
    id,
    `${conversations} conversations`,
    `${keys.length} keys (${valid} valid)`,
    `created ${formatInstant(createdAt)}`,
    lastActivity === null ? "never active" : `last active ${formatInstant(lastActivity)}`,
  ].join("  ");
}
