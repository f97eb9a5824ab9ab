import type { Place } from "../place/place.ts";
import type { Filter } from "./documents.ts";

/**
 * The place's conditions as the graph takes them; null for none. What a hand-written URL has wrong is passed on, so that the
 * server's error names it.
 */
export function toFilter(place: Place): Filter | null {
  const filter: Filter = {
    ...(place.agent !== "" && { agentId: place.agent }),
    // Safe cast: the server refuses any other word.
    ...(place.state !== "" && { turnState: place.state as NonNullable<Filter["turnState"]> }),
    ...(place.from !== "" && { updatedFrom: startOfDay(place.from, 0) }),
    ...(place.to !== "" && { updatedBefore: startOfDay(place.to, 1) }),
    ...(place.function !== "" && { calledFunction: place.function }),
    ...(place.metadata.length > 0 && { metadata: place.metadata.map(toPair) }),
    ...(place.user !== "" && { user: place.user }),
  };
  return Object.keys(filter).length === 0 ? null : filter;
}

/** How many conditions the place has. */
export function countConditions(place: Place): number {
  return Object.keys(toFilter(place) ?? {}).length;
}

/** The change of a place that takes all its conditions away. */
export const NO_CONDITIONS: Partial<Place> = {
  ...{ agent: "", state: "", from: "", to: "", function: "", user: "" },
  metadata: [],
};

/** The beginning of the day by the reader's calendar, or of one so many days later. */
function startOfDay(day: string, later: number): string {
  const [year = Number.NaN, month = Number.NaN, date = Number.NaN] = day.split("-").map(Number);
  const start = new Date(year, month - 1, date + later);
  return Number.isNaN(start.getTime()) ? day : start.toISOString();
}

/** A pair of `key=value`; the whole text as a key of the empty value where there is no sign. */
function toPair(text: string): { key: string; value: string } {
  const [key = "", ...value] = text.split("=");
  return { key: key.trim(), value: value.join("=").trim() };
}
