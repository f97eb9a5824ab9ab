import { FORMAT_NAMES, formatNamed } from "../formats/detect.ts";
import type { ConversationFormat } from "../formats/format.ts";
import { isIsolationKey, parseAgentId } from "../formats/ownership.ts";
import type { ConversationRecord } from "../model/conversation-record.ts";
import { parseInstant } from "../model/instant.ts";
import { UsageError } from "./command.ts";
import { readProjectId } from "./project-option.ts";

/** The option for text that cannot be stored unchanged. */
export const REPAIR = {
  type: "boolean",
  description: "stores U+FFFD for NUL and half surrogates, and messages of nothing but images as empty texts",
} as const;

/** The option for known conversations with other words. */
export const REPLACE = {
  type: "boolean",
  description: "replaces a known conversation that differs from its record",
} as const;

export interface ImportSettings {
  projectId: string;
  /** The user of records without one; null leaves them without. */
  isolationKey: string | null;
  /** The agent of records without one; null leaves them without. */
  agent: ConversationRecord["agent"];
  /** The given format; undefined to recognise each record by its content. */
  format: ConversationFormat | undefined;
  /** The time of conversations without times; null for times in the year 2000. */
  created: Date | null;
  /** Whether text that cannot be stored unchanged is repaired. */
  repair: boolean;
  /** Whether a record replaces a known conversation that differs from it. */
  replace: boolean;
  /** Whether branches of a conversation that were not shown become conversations of their own. */
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
