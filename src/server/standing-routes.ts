import { METHODS } from "node:http";

import { problemAnswer } from "../http/problem-answer.ts";
import type { Dialect } from "../rest/dialect.ts";
import { unknownUrl } from "./default-errors.ts";
import { type Pattern, READ, type Route } from "./route.ts";

/** The URL of a server without the viewer leads to GraphiQL. */
export const HOME: Route = {
  surface: "unknown",
  methods: READ,
  answer: async () => ({ status: 307, headers: { location: "/graphql" }, body: "" }),
  fail: problemAnswer,
};

/** Answers every URL that names nothing, whatever the method. */
export const UNKNOWN: Route = {
  surface: "unknown",
  methods: METHODS,
  answer: async ({ request: { method = "" }, path }) => unknownUrl(method, path),
  fail: problemAnswer,
};

/** The same in the words of a dialect, for the paths where its callers expect them; none for a dialect without such paths. */
export function createUnknownPattern({ fail, unknown }: Dialect): Pattern[] {
  if (unknown === undefined) return [];
  const route: Route = {
    ...UNKNOWN,
    answer: async ({ request: { method = "" }, path }) => unknown.answer(method, path),
    fail,
  };
  return [{ expression: unknown.paths, toRoute: () => route }];
}
