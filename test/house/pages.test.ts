import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

import { expect, it } from "vitest";

import { SETTINGS } from "../../src/config.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const README = readFileSync(join(ROOT, "README.md"), "utf8");
const PAGES = execFileSync("git", ["ls-files", "*.md"], { cwd: ROOT, encoding: "utf8" }).trim().split("\n");

it("keeps the README to what a visitor reads", () => {
  expect(README.split("\n").length - 1).toBeLessThanOrEqual(220);
});

it("shows every setting in the README with its default and meaning", () => {
  const rows = README.matchAll(/^\| `([A-Z_]+)` \| (.*?) \| (.*) \|$/gm);
  const shown = Array.from(rows, ([, variable, byDefault, meaning]) => ({
    variable,
    byDefault,
    meaning: plain(meaning),
  }));
  expect(shown).toEqual(
    SETTINGS.map(({ variable, byDefault, meaning }) => ({
      variable,
      byDefault: byDefault === "" ? "none" : byDefault,
      meaning,
    })),
  );
});

it.each(PAGES)("links from %s only to what is there", (page) => {
  const text = readFileSync(join(ROOT, page), "utf8").replaceAll(/^```.*?^```$/gms, "");
  const broken = Array.from(text.matchAll(/\]\(([^)\s]+)\)/g), ([, target = ""]) => target).filter(
    (target) => !/^https?:/.test(target) && !leads(page, target),
  );
  expect(broken).toEqual([]);
});

function leads(page: string, target: string): boolean {
  const [path = "", anchor] = target.split("#");
  const file = path === "" ? join(ROOT, page) : join(ROOT, dirname(page), path);
  if (!existsSync(file)) return false;
  return anchor === undefined || headings(readFileSync(file, "utf8")).includes(anchor);
}

/** The anchors of a page's headings, as GitHub makes them. */
function headings(text: string): string[] {
  return Array.from(text.matchAll(/^#+ (.*)$/gm), ([, heading = ""]) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N} -]/gu, "")
      .replaceAll(" ", "-"),
  );
}

// The page sets names as code, and says where the embedded database's text goes on.
function plain(meaning: string | undefined): string | undefined {
  return meaning?.replaceAll("`", "").replace(" (see below)", "");
}
