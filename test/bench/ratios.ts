import type { Figure } from "./measure.ts";

/** What came out in the rounds of one run. */
export interface Spread {
  minimum: number;
  median: number;
  maximum: number;
}

export interface Ratio {
  query: string;
  /** The contender whose figure is divided, and the one that it is divided by. */
  contender: string;
  by: string;
  throughput: Spread;
  /** CPU time of one request, the server's and its database's together. */
  cpu: Spread;
}

/** The figures of one contender divided by another's, round by round: what changed between two rounds changed for both. */
export function ratioOf(figures: readonly Figure[], query: string, contender: string, by: string): Ratio {
  const ofQuery = figures.filter((figure) => figure.query === query);
  const pairs = ofQuery.flatMap((figure) => {
    const other = ofQuery.find((one) => one.contender === by && one.round === figure.round);
    return figure.contender === contender && other !== undefined ? [[figure, other] as const] : [];
  });
  return {
    query,
    contender,
    by,
    throughput: spreadOf(pairs.map(([figure, other]) => figure.requestsPerSecond / other.requestsPerSecond)),
    cpu: spreadOf(pairs.map(([figure, other]) => cpuOf(figure) / cpuOf(other))),
  };
}

function cpuOf({ serverCpu, databaseCpu }: Figure): number {
  return serverCpu + databaseCpu;
}

/** The smallest, the middle and the largest of the values. */
export function spreadOf(values: readonly number[]): Spread {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = (sorted.length - 1) / 2;
  const at = (index: number) => sorted[index] ?? Number.NaN;
  return {
    minimum: at(0),
    median: (at(Math.floor(middle)) + at(Math.ceil(middle))) / 2,
    maximum: at(sorted.length - 1),
  };
}

/** The median, and in parentheses the smallest and largest. */
export function describeSpread({ minimum, median, maximum }: Spread): string {
  return `${short(median)} (${short(minimum)} to ${short(maximum)})`;
}

/** Two digits are more than the noise leaves. */
export function short(value: number): string {
  if (!Number.isFinite(value)) return "–";
  return value >= 10 ? value.toFixed(0) : value.toPrecision(2);
}
