import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** A place in the source that makes a statement's scope. */
export interface ScopedPlace {
  /** File, line and column, as a stack names them. */
  place: string;
  /** The function that it stands in. */
  within: string;
}

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const FUNCTION = /^(?:export )?(?:async )?function\*? (\w+)/;

/** Every call of `isVisible` in the source. */
export function findScopedPlaces(): ScopedPlace[] {
  const files = readdirSync(join(ROOT, "src"), { recursive: true, encoding: "utf8" }).map((file) => join("src", file));
  return files.filter((file) => file.endsWith(".ts")).flatMap(findIn);
}

function findIn(file: string): ScopedPlace[] {
  let within = "";
  return readFileSync(join(ROOT, file), "utf8")
    .split("\n")
    .flatMap((line, index) => {
      within = FUNCTION.exec(line)?.[1] ?? within;
      if (within === "isVisible") return [];
      const calls = [...line.matchAll(/\bisVisible\(/g)];
      return calls.map((call) => ({ place: `${file}:${index + 1}:${call.index + 1}`, within }));
    });
}
