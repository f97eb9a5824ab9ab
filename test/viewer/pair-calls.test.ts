import { expect, test } from "vitest";

import { pairCalls } from "../../src/viewer/transcript/pair-calls.ts";
import type { Fragment } from "../../src/viewer/transcript/turn.ts";
import { call, response, says, turn } from "./turns.ts";

/** Each response with the place of its call, as `turn.fragment`, over the turns: those of the user are text alone. */
function pairs(...turns: Fragment[][]): (string | null)[] {
  const all = turns.map((messages, index) =>
    turn(index + 1, {
      role: messages.every(({ __typename }) => __typename === "TextFragment") ? "USER" : "ASSISTANT",
      messages,
    }),
  );
  const { responses, paired } = pairCalls(all);
  const places = new Map(
    all.flatMap(({ messages }, at) =>
      messages.flatMap((fragment, index): [Fragment, string][] => {
        const found = fragment.__typename === "FunctionCallFragment" ? responses.get(fragment) : undefined;
        return found === undefined ? [] : [[found, `${at + 1}.${index + 1}`]];
      }),
    ),
  );
  const found = turns.flat().filter(({ __typename }) => __typename === "FunctionResponseFragment");
  expect(places.size).toBe(paired.size);
  return found.map((fragment) => places.get(fragment) ?? null);
}

test.each<[string, Fragment[][], (string | null)[]]>([
  ["by id, in any order", [[call("f", "a"), call("f", "b"), response("f", "b"), response("f", "a")]], ["1.2", "1.1"]],
  ["by id, turns later, past the user", [[call("f", "a")], [says("?")], [response("f", "a")]], ["1.1"]],
  ["by id under another name", [[call("f", "a"), response("g", "a")]], ["1.1"]],
  ["one id twice in order", [[call("f", "a"), call("f", "a"), response("f", "a"), response("f", "a")]], ["1.1", "1.2"]],
  ["an id that returns with the later turn", [[call("f", "a")], [call("f", "a"), response("f", "a")]], ["2.1"]],
  ["without ids by name", [[call("f"), call("g"), response("g"), response("f")]], ["1.2", "1.1"]],
  ["without ids in the next turn", [[call("f")], [response("f")]], ["1.1"]],
  ["without ids not past the user", [[call("f")], [says("?")], [response("f")]], [null]],
  ["a response without an id with a call that has one", [[call("f", "a"), response("f")]], ["1.1"]],
  ["a response with an id with a call that has none", [[call("f"), response("f", "a")]], ["1.1"]],
  ["never one id with another", [[call("f", "a"), response("f", "b")]], [null]],
  ["a response without its call", [[response("f", "a")]], [null]],
  ["a second response of one call", [[call("f", "a"), response("f", "a"), response("f", "a")]], ["1.1", null]],
])("pairs %s", (_what, turns, expected) => expect(pairs(...turns)).toEqual(expected));
