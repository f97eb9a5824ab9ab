import { formatInstant } from "../model/instant.ts";
import type { Database } from "../store/database/client.ts";
import { createKey, type KeyRow, listKeys, revokeKey } from "../store/keys/keys.ts";
import { defineCommand, UsageError } from "./command.ts";
import { callOf } from "./help.ts";
import { readProjectId } from "./project-option.ts";

export const keysCommand = defineCommand({
  name: "keys",
  summary: "Creates, lists and revokes the keys that give callers access.",
  details: `  keys create --project P --access project|user [--note TEXT]   prints the new key, once: only its hash is stored
  keys list                                                     prints all keys without their secrets
  keys revoke ID                                                takes effect within a second in every process

A project key reads and writes its whole project; a user key needs the header x-ms-user-isolation-key with each request.
Once the first key exists, nothing is served without one.`,
  options: {
    project: { type: "string", placeholder: "P", description: "create: the project, created when new (default)" },
    access: { type: "string", placeholder: "project|user", description: "create: what the key gives access to" },
    note: { type: "string", placeholder: "TEXT", description: "create: a note for the list" },
  },
  positionals: ["create|list|revoke", "[ID]"],
  kept: "`keys list` shows whether anything was changed.",
  async run({ values, positionals: [action, id], out, openDatabase }) {
    if (id !== undefined && (action === "create" || action === "list")) {
      throw new UsageError(`Unexpected argument "${id}". \`${callOf("keys")} --help\` explains it.`);
    }
    switch (action) {
      case "create":
        out(await create(values, openDatabase));
        return 0;
      case "list":
        for (const key of await listKeys(await openDatabase())) out(describe(key));
        return 0;
      case "revoke":
        await revoke(id, openDatabase);
        return 0;
      default:
        throw new UsageError(`keys knows create, list and revoke, not "${action}"`);
    }
  },
});

type OpenDatabase = () => Promise<Database>;

async function create(
  { project, access, note }: { project?: string; access?: string; note?: string },
  openDatabase: OpenDatabase,
): Promise<string> {
  const projectId = readProjectId(project);
  if (access !== "project" && access !== "user") throw new UsageError("--access must be project or user");
  return createKey(await openDatabase(), projectId, access, note ?? null);
}

async function revoke(id: string | undefined, openDatabase: OpenDatabase): Promise<void> {
  if (id === undefined) throw new UsageError("keys revoke needs the ID of a key; see `keys list`");
  if (!(await revokeKey(await openDatabase(), id))) throw new Error(`There is no key with the id ${id}.`);
}

function describe({ id, projectId, access, createdAt, revokedAt, note }: KeyRow): string {
  const state = revokedAt === null ? "valid" : `revoked ${formatInstant(revokedAt)}`;
  return [id, projectId, access, `created ${formatInstant(createdAt)}`, state, note ?? ""].join("  ").trimEnd();
}
