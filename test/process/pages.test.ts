import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

import { expect, test } from "vitest";

import manifest from "../../package.json" with { type: "json" };

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

const ofFolder = (folder: string) => readdirSync(join(ROOT, folder)).map((name) => join(folder, name));
const PAGES = ["README.md", ...ofFolder(".github").filter((file) => file.endsWith(".md"))];
const read = (file: string) => readFileSync(join(ROOT, file), "utf8");

test.each([...PAGES, ".ci/run", ".docker/Dockerfile"])("%s names scripts that exist", (file) => {
  const named = [...read(file).matchAll(/npm run (?:-s )?([a-z][a-z:-]*)/g)].map(([, name = ""]) => name);
  expect(named.filter((name) => !(name in manifest.scripts))).toEqual([]);
});

test.each(PAGES)("the links of %s to other files lead somewhere", (file) => {
  const links = [...read(file).matchAll(/\]\((?!https?:)([^)#]+)/g)].map(([, path = ""]) => path);
  expect(links.filter((path) => !existsSync(join(ROOT, dirname(file), path)))).toEqual([]);
});

test("the contributors' page lists every script that is no command of the program", () => {
  const own = Object.entries(manifest.scripts).filter(([, script]) => !/^exec node (--\S+ )*src\//.test(script));
  const page = read(".github/CONTRIBUTING.md");
  const missing = own.filter(
    ([name]) => name !== "start" && !page.includes(`${name}\``) && !page.includes(`${name} --`),
  );
  expect(missing).toEqual([]);
});

test("CI runs the gate, and the gate the README's own command", () => {
  expect(read(".github/workflows/ci.yml")).toMatch(/^ +- run: \.ci\/run$/m);
  expect(read(".ci/run")).toMatch(/^npm run verify$/m);
  expect(manifest.scripts.verify).toMatch(/^npm test && /);
});
