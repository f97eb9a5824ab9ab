import { FORMAT_NAMES, formatNamed } from "../formats/detect.ts";
import type { ConversationFormat } from "../formats/format.ts";
import { isIsolationKey, parseAgentId } from "../formats/ownership.ts";
import type { ConversationRecord } from "../model/conversation-record.ts";
import { parseInstant } from "../model/instant.ts";
import { UsageError } from "./command.ts";
import { readProjectId } from "./project-option.ts";

/** The option for what cannot be stored as it is. */
export const REPAIR = {
  type: "boolean",
  description: "stores U+FFFD for NUL and half surrogates, and messages of nothing but images as empty texts",
} as const;

/** The option for conversations that are known with other words. */
export const REPLACE = {
  type: "boolean",
  description: "takes a record in place of a known conversation that says something else",
} as const;

export interface ImportSettings {
  projectId: string;
  /** The user of records that name none; null leaves them without. */
  isolationKey: string | null;
  /** The agent of records that name none; null leaves them without. */
  agent: ConversationRecord["agent"];
  /** The format that was asked for; undefined to tell by the content. */
  format: ConversationFormat | undefined;
  /** When conversations began that have no times; null for times in the year 2000. */
  created: Date | null;
  /** Whether what cannot be stored as it is gets repaired. */
  repair: boolean;
  /** Whether a record takes the place of a known conversation, whatever that says. */
  replace: boolean;
  /** Whether branches of a conversation that were not shown are conversations of their own. */
  allBranches: boolean;
}

/** The options of `import`, checked. Throws UsageError naming the option at fault. */
export function readImportSettings(values: {
  project?: string;
  user?: string;
  agent?: string;
  format?: string;
  created?: string;
  repair?: boolean;
  replace?: boolean;
  branches?: string;
}): ImportSettings {
  const { project, user, agent, format, created, repair, replace, branches = "shown" } = values;
  const agentRecord = agent === undefined ? null : parseAgentId(agent);
  if (agent !== undefined && agentRecord === null) {
    throw new UsageError("--agent must be NAME or NAME:VERSION, 1 to 128 characters each");
  }
  if (user !== undefined && !isIsolationKey(user)) {
    throw new UsageError("--user must be 1 to 256 bytes without control characters");
  }
  if (format !== undefined && formatNamed(format) === undefined) {
    throw new UsageError(`--format must be one of ${FORMAT_NAMES.join(", ")}`);
  }
  const createdAt = created === undefined ? null : parseInstant(created);
  if (created !== undefined && createdAt === null) {
    throw new UsageError("--created must be an RFC 3339 instant such as 2026-01-31T00:00:00Z");
  }
  if (branches !== "shown" && branches !== "all") throw new UsageError("--branches must be shown or all");
  return {
    projectId: readProjectId(project),
    isolationKey: user ?? null,
    agent: agentRecord,
    format: format === undefined ? undefined : formatNamed(format),
    created: createdAt,
    repair: repair ?? false,
    replace: replace ?? false,
    allBranches: branches === "all",
  };
}
