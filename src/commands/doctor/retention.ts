import type { Config } from "../../config.ts";
import type { Finding } from "./finding.ts";

/** How long conversations are kept. */
export function describeRetention({ retentionDays: days }: Pick<Config, "retentionDays">): Finding {
  const text =
    days === 0
      ? "conversations are kept until they are deleted (RETENTION_DAYS is 0)"
      : `conversations without a write for ${days} days are deleted (RETENTION_DAYS)`;
  return { level: "ok", subject: "retention", text };
}
