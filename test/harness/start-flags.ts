import { readFileSync } from "node:fs";

const flags: Record<string, string[]> = JSON.parse(
  readFileSync(new URL("../../src/node-flags.json", import.meta.url), "utf8"),
);

/** The flags that the command gives to node. */
export function flagsOf(command: string): string[] {
  return flags[command] ?? [];
}

/** The flags that `npm start` gives to node. */
export const START_FLAGS = flagsOf("serve");
