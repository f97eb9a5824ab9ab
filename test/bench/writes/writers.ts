import { withAdmin } from "../../harness/admin.ts";
import { CONTENDERS, type Contender } from "../contenders.ts";
import type { ScratchDatabase } from "../part.ts";
import type { CheckedRequest } from "../requests.ts";

/** A server that appends text to a turn. */
export interface Writer {
  contender: Contender;
  /** Stores so many turns in progress with a text of so many bytes; resolves to a request for each that appends the token. */
  begin(origin: string, database: ScratchDatabase, turns: number, bytes: number): Promise<CheckedRequest[]>;
  /** How often something was appended, over all turns. */
  count: string;
}

/** What is appended at a time. */
export const TOKEN = "word";

const DOCUMENT = "mutation ($input: UpdateTurnInput!) { updateTurn(input: $input) { turn { id revision } } }";
const CREATE = `mutation ($input: CreateConversationInput!) {
  createConversation(input: $input) { conversation { id turns(first: 1) { nodes { id } } } } }`;

export const PROJECT = found("project");

/** The request that appends the token to the turn. */
export function toAppend(id: string, key: string): CheckedRequest {
  return post({ query: DOCUMENT, variables: { input: { id, appendText: TOKEN } } }, key);
}

/** The project with a conversation of its own for each turn. */
const project: Writer = {
  contender: PROJECT,
  count: "SELECT sum(revision)::integer AS count FROM conversation_heads",
  async begin(origin, { key }, turns, bytes) {
    const requests: CheckedRequest[] = [];
    while (requests.length < turns) {
      const [, id] = await beginTurn(origin, key, bytes);
      requests.push(toAppend(id, key));
    }
    return requests;
  },
};

/** Stores a conversation with a turn in progress, of which so much is said; resolves to the ids of both. */
export async function beginTurn(
  origin: string,
  key: string,
  bytes: number,
): Promise<[conversation: string, turn: string]> {
  const messages = bytes === 0 ? [] : [{ text: { content: "x".repeat(bytes), state: "IN_PROGRESS" } }];
  const variables = { input: { turns: [{ role: "ASSISTANT", state: "IN_PROGRESS", messages }] } };
  const { method, path, headers, body } = post({ query: CREATE, variables }, key);
  const answer = await (await fetch(origin + path, { method, headers, body: body ?? null })).text();
  const [, conversation, turn] = /"id":"(conv_\w+)".*"id":"(turn_\w+)"/.exec(answer) ?? [];
  if (conversation === undefined || turn === undefined) throw new Error(`No turn was stored: ${answer}`);
  return [conversation, turn];
}

const floor: Writer = {
  contender: {
    name: "append-floor",
    title: "one-statement append through node:http",
    dialect: "floor",
    command: ["test/bench/floor/append-server.ts"],
    package: null,
  },
  count: "SELECT coalesce(sum(revision), 0)::integer AS count FROM floor_heads",
  async begin(_origin, { url }, turns, bytes) {
    const ids = Array.from({ length: turns }, (_, index) => `${bytes}-${index}-${performance.now()}`);
    await withAdmin(url, async (admin) => {
      await admin`CREATE TABLE IF NOT EXISTS floor_heads (id text PRIMARY KEY, revision integer NOT NULL) WITH (fillfactor = 50)`;
      await admin`CREATE TABLE IF NOT EXISTS floor_chunks (id text, revision integer, text text NOT NULL, PRIMARY KEY (id, revision))`;
      await admin`INSERT INTO floor_heads SELECT unnest(${ids}::text[]), 0`;
      await admin`INSERT INTO floor_chunks SELECT unnest(${ids}::text[]), 0, repeat('x', ${bytes}::integer)`;
    });
    return ids.map((id) => post({ id, appendText: TOKEN }, ""));
  },
};

export const WRITERS: readonly Writer[] = [floor, project];

function post(body: object, key: string): CheckedRequest {
  const headers = { "content-type": "application/json", authorization: `Bearer ${key}` };
  // Revisions grow longer: what was appended is counted in the database.
  return { method: "POST", path: "/graphql", headers, body: JSON.stringify(body), bytes: null };
}

function found(name: string): Contender {
  const contender = CONTENDERS.find((one) => one.name === name);
  if (contender === undefined) throw new Error(`There is no contender ${name}.`);
  return contender;
}
