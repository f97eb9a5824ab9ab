import { getNamedType, isObjectType } from "graphql";
import { expect, test } from "vitest";

import { createSchema } from "../../src/graphql/schema/schema.ts";
import { OBJECT_FIELDS } from "../../src/viewer/graph/exact-fetch.ts";

test("knows every field of the graph that holds a JSON object, and takes no other for one", () => {
  const fields = Object.values(createSchema().getTypeMap())
    .filter(isObjectType)
    .filter(({ name }) => !name.startsWith("__"))
    .flatMap((type) => Object.values(type.getFields()));
  const holdsObject = (type: string) => type === "JSONObject" || type === "Metadata";
  const [texts, others] = [true, false].map(
    (wanted) =>
      new Set(fields.filter(({ type }) => holdsObject(getNamedType(type).name) === wanted).map(({ name }) => name)),
  );
  expect(texts).toEqual(OBJECT_FIELDS);
  expect([...OBJECT_FIELDS].filter((name) => others?.has(name))).toEqual([]);
});
