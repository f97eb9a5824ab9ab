import { existsSync, readFileSync } from "node:fs";

import { expect, test } from "vitest";

import manifest from "../../package.json" with { type: "json" };

const PAGE = readFileSync(new URL("README.md", import.meta.url), "utf8");
const ROWS = [...PAGE.matchAll(/^\| `([^`]+)` \| (\S+) \|.*\[.*\]\((.*)\) \|$/gm)];

test("the page of clients names the versions that are installed, and tests that exist", () => {
  expect(ROWS.length).toBeGreaterThan(15);
  const installed: Record<string, string> = { ...manifest.dependencies, ...manifest.devDependencies };
  expect(ROWS.map(([, name = "", version]) => [name, version])).toEqual(
    // A package under a second name has its own before the version.
    ROWS.map(([, name = ""]) => [name, installed[name]?.replace(/^npm:.*@/, "")]),
  );
  for (const [, , , test = ""] of ROWS)
    expect([test, existsSync(new URL(test, import.meta.url))]).toEqual([test, true]);
});
