export interface Answer {
  status: number;
  /** How long it took, to the end of the body. */
  ms: number;
  /** When it was there, on the clock of `performance`. */
  at: number;
  body: string;
}

/** Sends the request and waits for the whole answer. */
export async function call(url: string, init: RequestInit = {}): Promise<Answer> {
  const started = performance.now();
  const response = await fetch(url, init);
  const body = await response.text();
  const at = performance.now();
  return { status: response.status, ms: at - started, at, body };
}

/** A GraphQL request over POST. */
export function document(query: string, variables: Record<string, unknown> = {}): RequestInit {
  const headers = { "content-type": "application/json" };
  return { method: "POST", headers, body: JSON.stringify({ query, variables }) };
}

const LIST = "{ conversations(first: 5) { totalCount nodes { id turns(first: 3) { nodes { id position } } } } }";

/** A read on each surface. */
export const READS: ((origin: string) => Promise<Answer>)[] = [
  (origin) => call(`${origin}/graphql`, document(LIST)),
  (origin) => call(`${origin}/openai/v1/conversations`),
  (origin) => call(`${origin}/api/v1/agents/a/conversations`),
];

/** Which surface words an error like this; null for what is no error of any. */
export function envelopeOf(body: string): "graphql" | "foundry" | "fixie" | null {
  const answer: unknown = JSON.parse(body);
  if (typeof answer !== "object" || answer === null) return null;
  if ("errors" in answer && Array.isArray(answer.errors)) {
    return answer.errors.every((error) => typeof error.extensions?.code === "string") ? "graphql" : null;
  }
  if ("error" in answer) return Object.keys(answer.error ?? {}).join() === "message,type,param,code" ? "foundry" : null;
  return "type" in answer && "title" in answer && "status" in answer && "detail" in answer ? "fixie" : null;
}

/** The value below which the share of the numbers lies, as 0.99. */
export function quantile(numbers: readonly number[], share: number): number {
  const sorted = numbers.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

/** Prints a figure for the reader of the test's output. */
export function tell(figure: string): void {
  // biome-ignore lint/suspicious/noConsole: the figures are to be read
  console.info(figure);
}
