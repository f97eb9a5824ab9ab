import { callOf } from "../model/call-of.ts";
import { formatInstant } from "../model/instant.ts";
import { isolationKeyFault } from "../model/rules.ts";
import type { Database } from "../store/database/client.ts";
import { createKey, type KeyRow, listKeys, revokeKey, rotateKey } from "../store/keys/keys.ts";
import { defineCommand, UsageError } from "./command.ts";
import { readDuration } from "./duration-option.ts";
import { readProjectId } from "./project-option.ts";

const GRACE = "24h";

export const keysCommand = defineCommand({
  name: "keys",
  summary: "Creates, lists, replaces and revokes the keys that give callers access.",
  details: `  keys create --project P --access project|user [--user U] [--read-only] [--expires 30d] [--note TEXT]
                                   prints the new key, once: only its hash is stored
  keys list                        prints all keys without their secrets, with the hour of their last use (UTC)
  keys rotate ID [--grace ${GRACE}]    prints a new key with the same rights and lifetime; the old one ends after the grace
  keys revoke ID                   takes effect within a second in every process

A project key reads and writes its whole project; a user key needs the header x-ms-user-isolation-key with each request, or is
bound to one user by --user, and then opens nothing else. Once the first key exists, nothing is served without one.`,
  options: {
    project: { type: "string", placeholder: "P", description: "create: the project, created when new (default)" },
    access: { type: "string", placeholder: "project|user", description: "create: what the key gives access to" },
    user: { type: "string", placeholder: "U", description: "create: the one user of a key of access user" },
    "read-only": { type: "boolean", description: "create: the key changes nothing" },
    expires: { type: "string", placeholder: "30d", description: "create: how long the key is valid (for ever)" },
    note: { type: "string", placeholder: "TEXT", description: "create: a note for the list" },
    grace: {
      type: "string",
      placeholder: GRACE,
      description: `rotate: how long the old key is still valid; 0m ends it at once (${GRACE})`,
    },
  },
  positionals: ["create|list|rotate|revoke", "[ID]"],
  kept: "`keys list` shows whether anything was changed.",
  async run({ values, positionals: [action, id], out, openDatabase }) {
    if (id !== undefined && (action === "create" || action === "list")) {
      throw new UsageError(`Unexpected argument "${id}". \`${callOf("keys")} --help\` explains it.`);
    }
    const { grace, ...rights } = values;
    checkOptions(action, { create: Object.keys(rights), rotate: grace === undefined ? [] : ["grace"] });
    switch (action) {
      case "create":
        out(await create(rights, openDatabase));
        return 0;
      case "list":
        for (const key of await listKeys(await openDatabase())) out(describe(key));
        return 0;
      case "rotate":
        out(await rotate(id, grace ?? GRACE, openDatabase));
        return 0;
      case "revoke":
        await revoke(id, openDatabase);
        return 0;
      default:
        throw new UsageError(`keys knows create, list, rotate and revoke, not "${action}"`);
    }
  },
});

type OpenDatabase = () => Promise<Database>;

/** Throws UsageError for an option that belongs to another action: left alone, a key would be made without what was asked for. */
function checkOptions(action: string, given: Record<string, readonly string[]>): void {
  for (const [owner, [option]] of Object.entries(given)) {
    if (option !== undefined && owner !== action) throw new UsageError(`--${option} belongs to keys ${owner}`);
  }
}

interface Rights {
  project?: string;
  access?: string;
  user?: string;
  "read-only"?: boolean;
  expires?: string;
  note?: string;
}

async function create(rights: Rights, openDatabase: OpenDatabase): Promise<string> {
  const { project, access, user, "read-only": readOnly = false, expires, note } = rights;
  const projectId = readProjectId(project);
  if (access !== "project" && access !== "user") throw new UsageError("--access must be project or user");
  if (user !== undefined && access !== "user") throw new UsageError("--user needs --access user beside it");
  const fault = user === undefined ? null : isolationKeyFault(user);
  if (fault !== null) throw new UsageError(`--user ${fault}`);
  const lifetimeSeconds = expires === undefined ? null : readDuration("expires", expires);
  if (lifetimeSeconds === 0) throw new UsageError("--expires must be later than now");
  const limits = { isolationKey: user ?? null, readOnly, lifetimeSeconds };
  return createKey(await openDatabase(), projectId, access, note ?? null, limits);
}

async function rotate(id: string | undefined, grace: string, openDatabase: OpenDatabase): Promise<string> {
  if (id === undefined) throw new UsageError("keys rotate needs the ID of a key; see `keys list`");
  const graceSeconds = readDuration("grace", grace);
  const key = await rotateKey(await openDatabase(), id, graceSeconds);
  if (key === null)
    throw new Error(`There is no valid key with the id ${id} that was not replaced yet; see \`keys list\`.`);
  return key;
}

async function revoke(id: string | undefined, openDatabase: OpenDatabase): Promise<void> {
  if (id === undefined) throw new UsageError("keys revoke needs the ID of a key; see `keys list`");
  if (!(await revokeKey(await openDatabase(), id))) throw new Error(`There is no key with the id ${id}.`);
}

/** The key in one line. What does not hold for it is left out. */
function describe(key: KeyRow): string {
  const { id, projectId, access, isolationKey, readOnly, createdAt, lastUsedAt, replacedBy, note } = key;
  const parts = [
    id,
    projectId,
    isolationKey === null ? access : `${access} ${isolationKey}`,
    readOnly && "read-only",
    `created ${formatInstant(createdAt)}`,
    stateOf(key),
    lastUsedAt && `used ${formatInstant(lastUsedAt).slice(0, "2026-01-01T00:00".length)}Z`,
    replacedBy && `replaced by ${replacedBy}`,
    note,
  ];
  return parts.filter(Boolean).join("  ");
}

function stateOf({ state, expiresAt, revokedAt }: KeyRow): string {
  if (revokedAt !== null) return `revoked ${formatInstant(revokedAt)}`;
  if (expiresAt === null) return state;
  return state === "valid" ? `valid until ${formatInstant(expiresAt)}` : `expired ${formatInstant(expiresAt)}`;
}
