import { expect, it } from "vitest";

import { readImports } from "./imports.ts";

it("lets a test folder import only its own files and the harness, and the harness nothing but itself", () => {
  const imports = readImports("test");
  expect(imports.size).toBeGreaterThan(100);
  const foreign = [...imports].flatMap(([file, { files }]) =>
    files
      .map((path) => ({ path, folder: folderOf(path) }))
      .filter(({ folder }) => folder !== "harness" && folder !== folderOf(file))
      .map(({ path }) => `${file} -> ${path}`),
  );
  expect(foreign).toEqual([]);
});

/** The folder of `test` that holds the file, whatever lies between; empty for a file at the top. */
function folderOf(file: string): string {
  return file.includes("/") ? file.replace(/\/.*/s, "") : "";
}
