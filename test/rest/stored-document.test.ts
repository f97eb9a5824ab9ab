import { expect, test } from "vitest";

import { storedDocument } from "../../src/graphql/pipeline/stored-document.ts";

const LIST = storedDocument("{ conversations { nodes { id metadata turns { nodes { role } } } } }");
const NODES = storedDocument("{ nodes(ids: []) { ... on Conversation { id createdAt } } }");

test("rows are read by names that the document selects, of a list and of single nodes", () => {
  expect(LIST.reading(["id", "metadata"], ["role"])).toMatchObject({
    fields: ["id", "metadata"],
    turnFields: ["role"],
  });
  expect(NODES.reading(["createdAt"]).turnFields).toEqual([]);
});

test.each<[string, () => unknown]>([
  ["createdAt", () => LIST.reading(["id", "createdAt"])],
  ["state", () => LIST.reading(["id"], ["role", "state"])],
  ["role", () => NODES.reading(["id"], ["role"])],
  ["id", () => storedDocument("{ conversation(id: 1) { other: id } }").reading(["id"])],
])("the name %s that it does not select fails at load", (name, bind) => {
  expect(bind).toThrow(`The stored document does not select ${name}.`);
});

test.each([
  ["no root field", "mutation { a } query { b }", "A stored document has one operation with one root field."],
  [
    "a named fragment",
    "{ nodes(ids: []) { ...F } } fragment F on Node { id }",
    "A stored document has no named fragments.",
  ],
])("a document with %s fails at load", (_name, source, message) => {
  expect(() => storedDocument(source)).toThrow(message);
});
