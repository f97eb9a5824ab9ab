/** The setting of a process that records its statements: the file to append them to. */
export const RECORD_IN = "RECORD_STATEMENTS_IN";

/** The environment in which a process of Node records its statements, where those of this process are checked. */
export function recording(): Record<string, string> {
  const file = process.env[RECORD_IN];
  if (file === undefined) return {};
  return { NODE_OPTIONS: `--import=${new URL("record.ts", import.meta.url).href}`, [RECORD_IN]: file };
}
