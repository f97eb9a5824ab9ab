import { readFileSync } from "node:fs";

import { isEnumType } from "graphql";
import { expect, test } from "vitest";

import { createSchema } from "../../src/graphql/schema/schema.ts";

test("the page of clients lists every code of an error, as the schema describes it", () => {
  const page = readFileSync(new URL("README.md", import.meta.url), "utf8");
  const [, section = ""] = page.split("## The codes of errors\n");
  const [table = ""] = section.split("\n## ");
  const rows = Array.from(table.matchAll(/^\| `(\w+)` \| (.*) \|$/gm), ([, name, meaning]) => [name, meaning]);
  const codes = createSchema().getType("ErrorCode");
  expect(rows).toEqual(isEnumType(codes) ? codes.getValues().map(({ name, description }) => [name, description]) : []);
});
