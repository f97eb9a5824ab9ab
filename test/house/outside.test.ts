import { readdirSync, readFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { fileURLToPath } from "node:url";

import { expect, test } from "vitest";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const TESTS = readdirSync(`${ROOT}test`, { recursive: true, encoding: "utf8" })
  .filter((name) => name.endsWith(".ts") && !name.includes("node_modules"))
  .map((name) => `${ROOT}test/${name}`);

test("what looks at files beside the repository is skipped without them, and its name says so", () => {
  expect(TESTS.length).toBeGreaterThan(100);
  const unnamed = TESTS.flatMap((file) => {
    const source = readFileSync(file, "utf8");
    const outside = [...source.matchAll(/"((?:\.\.\/)+[^"]*)"/g)]
      .map(([, path = ""]) => resolve(dirname(file), path))
      .filter((path) => !`${path}/`.startsWith(ROOT));
    const folder = (path: string) =>
      path
        .replace(dirname(ROOT.slice(0, -1)), "..")
        .split("/")
        .slice(0, 3)
        .join("/");
    return outside.filter((path) => !(source.includes("skipIf") && source.includes(`(needs ${folder(path)})"`)));
  });
  expect(unnamed).toEqual([]);
});
