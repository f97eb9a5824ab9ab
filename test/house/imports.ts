import { readdirSync, readFileSync } from "node:fs";
import { posix } from "node:path";
import { fileURLToPath } from "node:url";

import ts from "typescript";

const SOURCE = fileURLToPath(new URL("../../src", import.meta.url));

/** What a file of `src` imports: files by their path there, packages by their name. Types count too. */
export interface Imports {
  files: string[];
  packages: string[];
}

/** The imports of every file of `src`, by its path there. */
export function readImports(): Map<string, Imports> {
  const files = readdirSync(SOURCE, { recursive: true, encoding: "utf8" }).filter((file) => file.endsWith(".ts"));
  return new Map(files.map((file) => [file, importsOf(file)]));
}

function importsOf(file: string): Imports {
  const { importedFiles } = ts.preProcessFile(readFileSync(`${SOURCE}/${file}`, "utf8"));
  const names = importedFiles.map(({ fileName }) => fileName);
  const paths = names.filter((name) => name.startsWith(".")).map((name) => posix.join(posix.dirname(file), name));
  return {
    // What lies outside of `src` is data, such as package.json.
    files: paths.filter((path) => !path.startsWith("../")),
    packages: names.filter((name) => !name.startsWith(".")),
  };
}

/** The room that a file of `src` belongs to: its folder, or the file itself where it stands at the top. */
export function roomOf(file: string): string {
  const folder = posix.dirname(file);
  return folder === "." ? posix.basename(file, ".ts") : folder;
}

/** The paths that lead from a file back to itself. */
export function findCircles(imports: ReadonlyMap<string, Imports>): string[] {
  const done = new Set<string>();
  const circles: string[] = [];
  const walk = (file: string, path: readonly string[]): void => {
    const start = path.indexOf(file);
    if (start >= 0) circles.push([...path.slice(start), file].join(" -> "));
    if (start >= 0 || done.has(file)) return;
    for (const next of imports.get(file)?.files ?? []) walk(next, [...path, file]);
    done.add(file);
  };
  for (const file of imports.keys()) walk(file, []);
  return circles;
}
