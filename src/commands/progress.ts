import { SingleBar } from "cli-progress";

export interface Progress {
  /** How far the work has come, in the unit of the total, and how many conversations that is. */
  update(value: number, conversations: number): void;
  /** Writes a line to standard error without tearing the bar. */
  say(line: string): void;
  /** Takes the bar away. To be called however the work ends: its timer keeps the process alive. */
  stop(): void;
}

/** A progress bar on standard error when that is a terminal, else nothing. Without a total it counts only. */
export function startProgress(total: number | null): Progress {
  const bar = new SingleBar({
    format: total === null ? "{conversations} conversations" : "{bar} {percentage}% | {conversations} conversations",
    stream: process.stderr,
    clearOnComplete: true,
  });
  bar.start(total ?? 0, 0, { conversations: 0 });
  return {
    update: (value, conversations) => bar.update(value, { conversations }),
    say: (line) => process.stderr.write(`${process.stderr.isTTY ? "\r\x1b[K" : ""}${printable(line)}\n`),
    stop: () => bar.stop(),
  };
}

// A line may quote a file, and a file must not be able to steer the terminal.
function printable(line: string): string {
  return line.replaceAll(/\p{Cc}/gu, (character) => JSON.stringify(character).slice(1, -1));
}
