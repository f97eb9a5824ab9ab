import { Agent, request } from "node:http";
import { text as readText } from "node:stream/consumers";

import fc from "fast-check";

import { createKey } from "../../src/store/keys/keys.ts";
import { conversation, store, turn } from "../harness/conversations.ts";
import { startTestServer } from "../harness/server.ts";
import { checkAnswer, FOREIGN, type Seen } from "./hostile-oracle.ts";

/** How many cases all files with hostile input try together. */
export const CASES = 10_000;

/** How many this file has tried since it started its caller: files share this module. */
export let tried = 0;

/** Tries a share of all cases. */
export async function tryCases<Values extends [unknown, ...unknown[]]>(
  share: number,
  arbitraries: { [Index in keyof Values]: fc.Arbitrary<Values[Index]> },
  work: (...values: Values) => Promise<void>,
): Promise<void> {
  const property = fc.asyncProperty(...arbitraries, async (...values: Values) => {
    tried += 1;
    await work(...values);
  });
  // A share is a fraction, and a number of runs that is none would never be reached.
  await fc.assert(property, { numRuns: Math.round(CASES * share) });
}

/** The text as a part of a URL. What is no Unicode cannot be in one. */
export function encode(value: string): string {
  return encodeURIComponent(value.toWellFormed());
}

interface Asked {
  method?: string;
  headers?: Record<string, string>;
  body?: string | Buffer;
}

/** A caller with a user key, on a server that also holds data outside its scope. */
export interface Caller {
  origin: string;
  /** Sends the request, also one that fetch would refuse to send. */
  send(path: string, asked?: Asked): Promise<Seen>;
  /** Posts the body to GraphQL; the answer, once it was checked. */
  // biome-ignore lint/suspicious/noExplicitAny: the shape is what each test asserts
  graphql(body: string | Buffer): Promise<any>;
  close(): Promise<void>;
}

/** Starts the server with a conversation of the caller's, `conv_mine`, among others that are not. */
export async function startCaller(): Promise<Caller> {
  tried = 0;
  const server = await startTestServer();
  const key = await createKey(server.database, "shop", "user", null);
  const own = { "api-key": key, "x-ms-user-isolation-key": "bob" };
  await store(
    server.database,
    [
      withTurns("mine", "words", { metadata: { a: "b" }, agent: { name: "a", version: "1" }, isolationKey: "bob" }),
      withTurns("hers", FOREIGN, { ...THEIRS, isolationKey: "ann" }),
      withTurns("nobodys", FOREIGN, THEIRS),
    ],
    "shop",
  );
  await store(server.database, [withTurns("foreign", FOREIGN, { ...THEIRS, isolationKey: "bob" })], "bank");
  const agent = new Agent({ keepAlive: true, maxSockets: 8 });

  const send = (path: string, { method = "GET", headers = {}, body = "" }: Asked = {}) =>
    new Promise<Seen>((resolve, reject) => {
      const asked = request(server.origin + path, { agent, method, headers: { ...own, ...headers } });
      asked.on("error", reject).on("response", async (response) => {
        const pairs = Object.entries(response.headers).map(([name, value]) => [name, String(value)]);
        const seen = { headers: Object.fromEntries(pairs), body: await readText(response) };
        resolve({ status: response.statusCode ?? 0, ...seen });
      });
      asked.end(body);
    });
  return {
    origin: server.origin,
    send,
    async graphql(body) {
      const headers = { "content-type": "application/json", accept: "application/graphql-response+json" };
      return checkAnswer("graphql", await send("/graphql", { method: "POST", headers, body }), [200, 400, 413]);
    },
    async close() {
      agent.destroy();
      await server.close();
    },
  };
}

const THEIRS = { metadata: { [FOREIGN]: FOREIGN }, agent: { name: "a", version: FOREIGN } };

function withTurns(name: string, text: string, given: Parameters<typeof conversation>[1]) {
  const question = turn(`turn_${name}_1`, { text });
  const answer = turn(`turn_${name}_2`, { role: "assistant", state: "in-progress", text, inReplyToId: question.id });
  return conversation(`conv_${name}`, { ...given, turns: [question, answer] });
}
