import { sql } from "drizzle-orm";
import { expect, test } from "vitest";

import { createStatementCache, placeholder, type Statements } from "../../src/store/database/statements.ts";

/** Whether the statement has to be put together for this shape. */
function isBuilt(statements: Statements, shape: string): boolean {
  let built = false;
  const { text, values } = statements(shape, { id: shape }, () => {
    built = true;
    return sql`SELECT ${placeholder("id")}`;
  });
  expect({ text, values }).toEqual({ text: "SELECT $1", values: [shape] });
  return built;
}

const shapes = (count: number, characters: number) =>
  Array.from({ length: count }, (_, index) => `${index} of ${characters} `.padEnd(characters, "x"));

test.each([
  ["more shapes than are kept", shapes(3000, 2000)],
  ["longer ones than are kept", shapes(300, 15_000)],
])("a statement that is asked for again and again stays beside %s", (_name, others) => {
  const statements = createStatementCache()();
  expect(isBuilt(statements, "often")).toBe(true);
  for (const [index, shape] of others.entries()) {
    expect(isBuilt(statements, shape)).toBe(true);
    if (index % 50 === 0) expect(isBuilt(statements, "often")).toBe(false);
  }
  expect(isBuilt(statements, others.at(-1) ?? "")).toBe(false);
  expect(isBuilt(statements, others[0] ?? "")).toBe(true);
});

test("a shape of one author is not another's, and one that is too long is not kept", () => {
  const author = createStatementCache();
  const [one, other] = [author(), author()];
  const [tooLong = ""] = shapes(1, 20_001);
  expect([isBuilt(one, "shape"), isBuilt(other, "shape"), isBuilt(one, "shape")]).toEqual([true, true, false]);
  expect([isBuilt(one, tooLong), isBuilt(one, tooLong)]).toEqual([true, true]);
});
