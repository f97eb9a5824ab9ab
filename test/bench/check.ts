import { AssertionError, deepStrictEqual } from "node:assert";

import { type Answer, readAnswer } from "./answers.ts";
import { type Contender, startContender } from "./contenders.ts";
import type { Ask, Query } from "./queries.ts";
import { type BenchRequest, type CheckedRequest, toCursorRequest, toRequest } from "./requests.ts";
import type { Samples } from "./samples.ts";
import { openStatementCounter } from "./statement-counter.ts";

/** A contender's requests for one query, and what they cost beside time. */
interface Checked {
  requests: CheckedRequest[];
  answers: Answer[];
  /** The usual number of statements that one request takes. */
  statements: number;
}

export interface CheckedContender {
  contender: Contender;
  byQuery: ReadonlyMap<string, Checked>;
}

/**
 * Puts every request of every query to the contender, one after the other, through something that counts statements;
 * answers by query name. Throws for an answer that is an error or has no known form.
 */
export async function checkContender(
  contender: Contender,
  queries: readonly Query[],
  samples: Samples,
  source: { databaseUrl: string; poolSize: number; key: string },
): Promise<CheckedContender> {
  const counter = await openStatementCounter(source.databaseUrl);
  const server = await startContender(contender, counter.url, source.poolSize);
  try {
    const byQuery = new Map<string, Checked>();
    for (const query of queries) {
      const asks = await Promise.all(
        query.asks(samples).map((ask) => withCursor(server.origin, contender, ask, source.key)),
      );
      const requests = asks.map((ask) => toRequest(contender.dialect, query, ask, source.key));
      byQuery.set(query.name, await check(server.origin, contender, query, requests, counter.count));
    }
    return { contender, byQuery };
  } finally {
    await server.stop();
    counter.close();
  }
}

/** Enough to separate a statement that the server sends once a second from those of a request. */
const COUNTED_REQUESTS = 20;

async function withCursor(origin: string, { dialect }: Contender, ask: Ask, key: string): Promise<Ask> {
  const request = ask.place === undefined ? null : toCursorRequest(dialect, ask.place.depth, key);
  if (request === null) return ask;
  const [, after] = /"endCursor":"([^"]+)"/.exec(await send(origin, request)) ?? [];
  if (after === undefined) throw new Error(`No cursor for the conversation at ${ask.place?.depth}.`);
  return { ...ask, after };
}

async function check(
  origin: string,
  contender: Contender,
  query: Query,
  requests: readonly BenchRequest[],
  count: () => number,
): Promise<Checked> {
  const checked: CheckedRequest[] = [];
  const answers: Answer[] = [];
  const statements: number[] = [];
  for (let sent = 0; sent < Math.max(requests.length, COUNTED_REQUESTS); sent += 1) {
    const request = requests[sent % requests.length];
    if (request === undefined) throw new Error(`There is nothing to ask ${query.name} for in these conversations.`);
    const before = count();
    const text = await send(origin, request);
    statements.push(count() - before);
    if (sent < requests.length) {
      answers.push(read(contender, query, text));
      checked.push({ ...request, bytes: Buffer.byteLength(text) });
    }
  }
  // The median: now and then a server asks the database something that no request asked for.
  const usual = statements.sort((a, b) => a - b)[Math.floor(statements.length / 2)] ?? 0;
  return { requests: checked, answers, statements: usual };
}

function read({ title }: Contender, query: Query, text: string): Answer {
  try {
    return readAnswer(query, text);
  } catch (cause) {
    throw new Error(`${title} answers ${query.name} with ${text.slice(0, 1000)}`, { cause });
  }
}

async function send(origin: string, { method, path, headers, body }: BenchRequest): Promise<string> {
  const response = await fetch(`${origin}${path}`, { method, headers, ...(body !== undefined && { body }) });
  return response.text();
}

/** Throws when two contenders answer one of the queries differently: the same conversations, turns and fragments, in order. */
export function compare(queries: readonly Query[], checked: readonly CheckedContender[]): void {
  const [first, ...others] = checked;
  for (const { name } of queries) {
    const expected = first?.byQuery.get(name)?.answers ?? [];
    if (expected.every(({ conversations }) => conversations.length === 0)) throw new Error(`${name} finds nothing.`);
    for (const { contender, byQuery } of others) {
      try {
        deepStrictEqual(byQuery.get(name)?.answers, expected);
      } catch (cause) {
        const difference = cause instanceof AssertionError ? cause.message : String(cause);
        throw new Error(`${contender.title} answers ${name} otherwise than ${first?.contender.title}: ${difference}`);
      }
    }
  }
}
