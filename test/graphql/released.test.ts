import { readFileSync } from "node:fs";

import { describe, expect, test } from "vitest";

import { createSchema } from "../../src/graphql/schema/schema.ts";
import { breakingChanges, breakingChangesOf } from "./breaking-changes.ts";

// On a release it becomes a copy of src/graphql/schema.graphql.
const RELEASED = readFileSync(new URL("released.graphql", import.meta.url), "utf8");

test("the schema breaks no client of the last release", () => {
  expect(breakingChanges(RELEASED, createSchema())).toEqual([]);
});

test.each([
  ["a field", "  totalCount: Int!", "  total: Int!", "ConversationConnection.totalCount was removed."],
  ["an argument", "    offset: Int\n", "    skip: Int\n", "Query.conversations arg offset was removed."],
  ["a value", "  STOPPED\n", "  HALTED\n", "STOPPED was removed from enum type TurnState."],
  ["a kind of fragment", " | FunctionResponseFragment", "", "FunctionResponseFragment was removed from union type"],
])("taking %s of this schema away is found", (_what, from, to, expected) => {
  expect(RELEASED).toContain(from);
  expect(breakingChangesOf(RELEASED, RELEASED.replaceAll(from, to)).join("\n")).toContain(expected);
});

describe("against a release", () => {
  const released = `
    type Query { list(first: Int = 20, old: Int @deprecated, kept: Int): [Item] former: Former @deprecated node: Node }
    interface Node { id: ID! }
    type Item implements Node { id: ID! title: String subject: String @deprecated(reason: "title") state: State }
    type Former { gone: Inner } type Inner { a: Int }
    enum State { NEW DONE LOST @deprecated }
    input Filter { word: String phrase: String @deprecated }
    type Mutation { find(filter: Filter): Item }`;
  const changes = (from: string | RegExp, to: string) => {
    expect(released).toMatch(from);
    return breakingChangesOf(released, released.replace(from, to));
  };

  test("nothing changed, nothing found", () => {
    expect(breakingChangesOf(released, released)).toEqual([]);
  });

  test.each([
    ["a deprecated field", 'subject: String @deprecated(reason: "title")', ""],
    ["a deprecated argument", "old: Int @deprecated,", ""],
    ["a deprecated value", "LOST @deprecated", ""],
    ["a deprecated input field", "phrase: String @deprecated", ""],
    [
      "a deprecated field, and the types that only it led to",
      /former: Former @deprecated|type (Former|Inner) {.*?}/g,
      "",
    ],
    ["a new field", "title: String", "title: String size: Int"],
    ["an argument that need not be given", "kept: Int", "kept: Int more: Int"],
    ["a deprecation", "title: String", "title: String @deprecated"],
  ])("%s may go or come", (_what, from, to) => {
    expect(changes(from, to)).toEqual([]);
  });

  test.each([
    ["a field that goes", "title: String", "", "Item.title was removed."],
    ["an argument that goes", "kept: Int", "", "Query.list arg kept was removed."],
    ["a value that goes", "DONE", "", "DONE was removed from enum type State."],
    ["an input field that goes", "word: String", "", "Filter.word was removed."],
    ["a type that goes from under a field", /Inner/g, "Other", "Inner was removed."],
    ["a field of another type", "title: String", "title: Int", "Item.title changed type from String to Int."],
    [
      "a deprecated field of another type",
      "subject: String",
      "subject: Int",
      "subject changed type from String to Int",
    ],
    ["a field that may be null now", "id: ID! title", "id: ID title", "Item.id changed type from ID! to ID."],
    ["an argument that has to be given now", "kept: Int", "kept: Int!", "changed type from Int to Int!"],
    ["a new argument that has to be given", "kept: Int", "kept: Int more: Int!", "A required arg more"],
    ["another default", "first: Int = 20", "first: Int = 10", "has changed defaultValue from 20 to 10."],
    ["an interface that is left", "Item implements Node", "Item", "Item no longer implements interface Node."],
  ])("%s is found", (_what, from, to, expected) => {
    expect(changes(from, to).join("\n")).toContain(expected);
  });
});
