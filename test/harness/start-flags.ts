import { readFileSync } from "node:fs";

const { scripts }: { scripts: { start: string } } = JSON.parse(
  readFileSync(new URL("../../package.json", import.meta.url), "utf8"),
);

/** The flags that `npm start` gives to node. */
export const START_FLAGS = scripts.start.split(" ").filter((word) => word.startsWith("--"));
