import { createInterface } from "node:readline/promises";

import { UsageError } from "./command.ts";

/** Throws UsageError where the question could not be asked: without a terminal, `--yes` has to answer it. */
export function requireTerminal(yes: boolean): void {
  if (!yes && !process.stdin.isTTY) throw new UsageError("--yes is needed without a terminal to ask on");
}

/** Asks on the terminal; resolves to whether the answer is yes. */
export async function confirm(question: string, signal: AbortSignal): Promise<boolean> {
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return /^y(es)?$/i.test((await terminal.question(`${question} [y/N] `, { signal })).trim());
  } finally {
    terminal.close();
  }
}
