import { readFileSync } from "node:fs";
import { isDeepStrictEqual } from "node:util";

import fc from "fast-check";
import { buildSchema } from "graphql";
import { afterAll, beforeAll, expect, test } from "vitest";

import type { ConversationRecord } from "../../src/model/conversation-record.ts";
import { encodeCursor } from "../../src/relay/cursor.ts";
import { store } from "../harness/conversations.ts";
import { readMetrics } from "../harness/metrics.ts";
import { startTestServer, type TestServer } from "../harness/server.ts";
import { drawing } from "./draw.ts";
import { AGENTS, randomConversations } from "./random-conversations.ts";
import { drawDocument, type RandomDocument, type Vocabulary } from "./random-document.ts";

// Every document is answered twice, by the compiled form and by the resolvers. They have to say the same, byte for byte.

const DOCUMENTS = 2_000;
const AT_ONCE = 4;
const USERS = [null, "ann", "bob"];
const LIMITS = {
  MAX_ALIASES: "10000",
  MAX_TOKENS: "100000",
  MAX_DIRECTIVES: "10000",
  MAX_DEPTH: "100",
  MAX_NODES: "900000000",
  METRICS: "1",
};
const schema = buildSchema(readFileSync(new URL("../../src/graphql/schema.graphql", import.meta.url), "utf8"));

// The same again where most pages of turns end early, and most turns are too long to come with their page.
const FEW_BYTES = { MAX_PAGE_BYTES: "1200" };

let compiled: TestServer;
let resolved: TestServer;
let carefulCompiled: TestServer;
let carefulResolved: TestServer;
let vocabulary: Vocabulary;
beforeAll(async () => {
  const resolving = { ...LIMITS, COMPILE_DOCUMENTS: "0" };
  compiled = await startTestServer(LIMITS);
  resolved = await startTestServer(resolving, compiled.url);
  carefulCompiled = await startTestServer({ ...LIMITS, ...FEW_BYTES }, compiled.url);
  carefulResolved = await startTestServer({ ...resolving, ...FEW_BYTES }, compiled.url);
  const conversations = USERS.flatMap((user) =>
    fc.sample(randomConversations(`${user}-`, 25, user), { numRuns: 1 }).flat(),
  );
  await store(compiled.database, conversations);
  vocabulary = vocabularyOf(conversations);
});
afterAll(async () => {
  await carefulResolved.close();
  await carefulCompiled.close();
  await resolved.close();
  await compiled.close();
});

function vocabularyOf(conversations: readonly ConversationRecord[]): Vocabulary {
  const turns = conversations.flatMap((one) => one.turns);
  const instants = conversations.map(({ createdAt }) => createdAt);
  const cursors = conversations.flatMap(({ id, createdAt }) =>
    (["CREATED_AT", "UPDATED_AT"] as const).map((field) =>
      encodeCursor({ field, direction: "DESC" }, [createdAt.getTime(), id]),
    ),
  );
  const positions = [1, 2, 5].map((position) => encodeCursor({ field: "POSITION", direction: "ASC" }, [position]));
  return {
    ids: fc.constantFrom(
      ...[...conversations, ...turns].map(({ id }) => id),
      "unknown",
      "conv_unknown",
      "turn_unknown",
      "",
    ),
    cursors: fc.constantFrom(...cursors, ...positions, ...positions, ...positions, "nonsense"),
    instants: fc.constantFrom(...instants.map((instant) => instant.toISOString())),
    words: fc.constantFrom(...AGENTS, "shop:1", "desk:2", "the", "kind", "1", "", "\0"),
    // Most of them are good as page sizes.
    numbers: fc.oneof(
      { weight: 30, arbitrary: fc.integer({ min: 1, max: 9 }) },
      fc.constantFrom(0, -1, 100, 101, 2 ** 31),
    ),
  };
}

interface Answer {
  status: number;
  type: string | null;
  text: string;
}

async function answer(
  server: TestServer,
  { query, variables }: RandomDocument,
  user: string | null,
  accept: string,
): Promise<Answer> {
  const response = await fetch(`${server.origin}/graphql`, {
    method: "POST",
    headers: { "content-type": "application/json", accept, ...(user !== null && { "x-ms-user-isolation-key": user }) },
    body: JSON.stringify({ query, variables }),
  });
  const text = await response.text();
  return {
    status: response.status,
    type: response.headers.get("content-type"),
    text: text.replaceAll(/,"requestId":"[^"]+"/g, ""),
  };
}

/** How many documents the server has answered from their compiled form. */
async function countCompiled({ origin }: TestServer): Promise<number> {
  return (await readMetrics(origin)).get('conversation_graph_documents_total{form="compiled"}') ?? 0;
}

/**
 * The answer with the other one's errors, if the two share one or nothing else is left of either: of many faults, the first
 * found may end the answer.
 */
function withErrorsOf(one: Answer, other: Answer): Answer {
  const [mine, data] = splitErrors(one.text);
  const [theirs, otherData] = splitErrors(other.text);
  const isEnded = data === ',"data":null}' && otherData === data;
  const shared = JSON.parse(mine).some((error: unknown) =>
    JSON.parse(theirs).some((same: unknown) => isDeepStrictEqual(error, same)),
  );
  return isEnded || shared ? { ...one, text: `{"errors":${theirs}${data}` } : one;
}

/** The list of errors, which comes first, and the rest of the answer. */
function splitErrors(text: string): [errors: string, rest: string] {
  const end = text.indexOf('],"data":') + 1;
  return end === 0
    ? [text.slice('{"errors":'.length, -1), "}"]
    : [text.slice('{"errors":'.length, end), text.slice(end)];
}

test.each([
  [DOCUMENTS, "", () => [compiled, resolved] as const],
  [DOCUMENTS / 2, ", in pages of few bytes", () => [carefulCompiled, carefulResolved] as const],
])(
  "%i random documents say the same compiled and resolved, byte for byte%s",
  async (number, _pages, servers) => {
    const [compiling, resolving] = servers();
    const counts = { data: 0, errors: 0 };
    const compiledBefore = await countCompiled(compiling);
    const one = fc.record({
      document: drawing((draw) => drawDocument(schema, vocabulary, draw)),
      user: fc.constantFrom(...USERS),
      accept: fc.constantFrom("application/json", "application/graphql-response+json"),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(one, { minLength: AT_ONCE, maxLength: AT_ONCE }), async (documents) => {
        await Promise.all(
          documents.map(async ({ document, user, accept }) => {
            const [pipeline, slow] = await Promise.all([
              answer(compiling, document, user, accept),
              answer(resolving, document, user, accept),
            ]);
            // From the second time on it goes past the pipeline.
            for (const fast of [pipeline, await answer(compiling, document, user, accept)]) {
              const agreed = slow.text.includes('{"errors":') ? withErrorsOf(fast, slow) : fast;
              expect(agreed, JSON.stringify(document)).toEqual(slow);
            }
            counts[slow.text.startsWith('{"data":{') ? "data" : "errors"] += 1;
          }),
        );
      }),
      { numRuns: number / AT_ONCE, endOnFailure: true },
    );
    // Documents that both servers resolve, and those that fail, agree anyway.
    expect((await countCompiled(compiling)) - compiledBefore).toBeGreaterThan(number / 3);
    expect(await countCompiled(resolving)).toBe(0);
    expect(counts.data).toBeGreaterThan(number / 2);
    expect(counts.errors).toBeGreaterThan(0);
  },
  300_000,
);
