import { readdirSync, readFileSync } from "node:fs";
import { posix } from "node:path";
import { fileURLToPath } from "node:url";

import ts from "typescript";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

/** What a file imports: files by their path in its top folder, packages by their name. Types count too. */
export interface Imports {
  files: string[];
  packages: string[];
}

/** The imports of every TypeScript file, TSX included, under a top folder of the repository, by the file's path in that folder. */
export function readImports(folder: "src" | "test"): Map<string, Imports> {
  const files = readdirSync(`${ROOT}${folder}`, { recursive: true, encoding: "utf8" }).filter(
    (file) => /\.tsx?$/.test(file) && !file.includes("node_modules"),
  );
  return new Map(files.map((file) => [file, importsOf(folder, file)]));
}

function importsOf(folder: string, file: string): Imports {
  const { importedFiles } = ts.preProcessFile(readFileSync(`${ROOT}${folder}/${file}`, "utf8"));
  const names = importedFiles.map(({ fileName }) => fileName);
  const paths = names.filter((name) => name.startsWith(".")).map((name) => posix.join(posix.dirname(file), name));
  return {
    // A path that leads out of the folder belongs to another rule, or is data such as package.json.
    files: paths.filter((path) => !path.startsWith("../")),
    packages: names.filter((name) => !name.startsWith(".")),
  };
}

/** The room that a file of `src` belongs to: its folder, or the file itself where it stands at the top. */
export function roomOf(file: string): string {
  const folder = posix.dirname(file);
  return folder === "." ? posix.basename(file, posix.extname(file)) : folder;
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
