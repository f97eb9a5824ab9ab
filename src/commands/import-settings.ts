import { FORMAT_NAMES, formatNamed } from "../formats/detect.ts";
import type { ConversationFormat } from "../formats/format.ts";
import { isIsolationKey, parseAgentId } from "../formats/ownership.ts";
import type { ConversationRecord } from "../model/conversation-record.ts";
import { UsageError } from "./command.ts";
import { readProjectId } from "./project-option.ts";

export interface ImportSettings {
  projectId: string;
  /** The user of records that name none; null leaves them without. */
  isolationKey: string | null;
  /** The agent of records that name none; null leaves them without. */
  agent: ConversationRecord["agent"];
  /** The format that was asked for; undefined to tell by the content. */
  format: ConversationFormat | undefined;
}

/** The options of `import`, checked. Throws UsageError naming the option at fault. */
export function readImportSettings(values: {
  project?: string;
  user?: string;
  agent?: string;
  format?: string;
}): ImportSettings {
  const { project, user, agent, format } = values;
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
  return {
    projectId: readProjectId(project),
    isolationKey: user ?? null,
    agent: agentRecord,
    format: format === undefined ? undefined : formatNamed(format),
  };
}
