import { readFileSync } from "node:fs";

const { scripts }: { scripts: Record<string, string> } = JSON.parse(
  readFileSync(new URL("../../package.json", import.meta.url), "utf8"),
);

/** The flags that the package's script gives to node. */
export function flagsOf(script: string): string[] {
  return (scripts[script] ?? "").split(" ").filter((word) => word.startsWith("--"));
}

/** The flags that `npm start` gives to node. */
export const START_FLAGS = flagsOf("start");
