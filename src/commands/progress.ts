import { SingleBar } from "cli-progress";

export interface Progress {
  /** Shows the progress in the unit of the total, and the number of conversations so far. */
  update(value: number, conversations: number): void;
  /** Writes a line to standard error without tearing the bar. */
  say(line: string): void;
  /** Removes the bar. To be called however the work ends: its timer keeps the process alive. */
  stop(): void;
}

/** A progress bar on standard error when that is a terminal, else nothing. Without a total it only counts. */
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

// A line may quote a file, which must not be able to control the terminal.
function printable(line: string): string {
  return line.replaceAll(/\p{Cc}/gu, (character) => JSON.stringify(character).slice(1, -1));
}
