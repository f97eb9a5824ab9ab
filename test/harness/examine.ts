import { runProgram } from "./program.ts";

export interface Report {
  status: number | null;
  stderr: string;
  text: string;
  /** `level text` of each line, by its subject; those of one subject in one. */
  findings: Record<string, string>;
}

/** What the doctor says of a setup with these settings, and a port that is free. */
export async function examine(env: Record<string, string>): Promise<Report> {
  const { status, stdout, stderr } = await runProgram(["doctor"], { PORT: "0", ...env });
  const findings: Record<string, string> = {};
  for (const line of stdout.trimEnd().split("\n")) {
    const [, level, subject = "", text] = /^(ok|warn|fail) +(\S+) +(.+)$/.exec(line) ?? [];
    findings[subject] = [findings[subject], `${level} ${text}`].filter((part) => part !== undefined).join("\n");
  }
  return { status, stderr, text: stdout, findings };
}
