import { problemAnswer } from "../http/problem-answer.ts";
import { READ, type Route, withHostCheck } from "./route.ts";
import type { Services } from "./services.ts";

/** The route of the metrics by its path; none where they are switched off. */
export function createMetricsRoute({ metrics, access }: Services): [string, Route][] {
  if (metrics === null) return [];
  const route = { surface: "metrics", methods: READ, answer: () => metrics.expose(), fail: problemAnswer };
  return [["/metrics", withHostCheck(access, route)]];
}
