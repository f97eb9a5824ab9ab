import { sql } from "drizzle-orm";
import type { MessageFragment } from "../../src/model/message-fragment.ts";
import { createKey } from "../../src/store/keys/keys.ts";
import type { Scope } from "../../src/store/sql/scope.ts";
import { conversation, store, text, turn } from "../harness/conversations.ts";
import { ask } from "../harness/graphql.ts";
import { startTestServer, type TestServer } from "../harness/server.ts";
import { secretFile, signWithSecret } from "../harness/token-secret.ts";
import { append, create, says, update } from "../harness/writes.ts";

/** The owner of the objects that the caller must not see. */
export type Hidden = "another user's" | "another project's";

/** The caller: bob of the project shop with a user key, a key of bob's own or a token, or the backend of that project. */
export type Who = "bob" | "bob by a key of bob's" | "bob by a token" | "the backend";

/** The ids of a conversation and its turns: a caller may know or guess them. */
export interface Names {
  conversation: string;
  /** Its first turn, of the user. */
  question: string;
  /** Its second turn, of the assistant and in progress. */
  answer: string;
}

export interface World {
  server: TestServer;
  headers: Record<string, string>;
  scope: Scope;
  /** What is stored that the caller must not see, as one text. */
  readHidden(): Promise<string>;
}

const HERS: Names = { conversation: "conv_hers", question: "turn_hers_1", answer: "turn_hers_2" };
const NOBODYS: Names = { conversation: "nobodys", question: "nobodys.1", answer: "nobodys.2" };
const FOREIGN: Names = { conversation: "conv_foreign", question: "turn_foreign_1", answer: "turn_foreign_2" };
const IMPORTED: Names = { conversation: "foreign", question: "foreign.1", answer: "foreign.2" };

/** The names of what is hidden in one kind of world, and means nothing in one where nothing is. */
export const NAMES = {
  "another user's": [HERS, NOBODYS],
  "another project's": [FOREIGN, IMPORTED],
} as const satisfies Record<Hidden, Names[]>;

/** The caller's own. An id is unique within its project: the other project may have the imported ones as well. */
export const MINE: Names = { conversation: "conv_mine", question: "turn_mine_1", answer: "turn_mine_2" };
export const SHARED: Names = { conversation: "shared", question: "shared.1", answer: "shared.2" };

/** Idempotency keys that every caller uses. */
export const IDEMPOTENCY_KEYS = { append: "first append", create: "first create" } as const;

/** The id of the item that was added to the conversation. */
export function itemOf({ conversation: id }: Names): string {
  return `msg_${id}`;
}

/** When the hidden conversations were made: later than the caller's. */
export const LATER = new Date("2024-05-21T00:00:00.000Z");

const CALL: MessageFragment = { kind: "functionCall", name: "hidden_function", args: {} };

/** How the server is started, where that is not as usual. */
export interface Served {
  env?: Record<string, string>;
  /** Whether it sends the statements that distributed tables take. */
  distributed?: boolean;
}

/** A server with bob's objects and those that are hidden from bob; null hides nothing: there are none of the latter. */
export async function makeWorld(hidden: Hidden | null, who: Who, { env, distributed }: Served = {}): Promise<World> {
  const settings = { ...env, AUTH_JWT_SECRET_FILE: await secretFile(), AUTH_PROJECT: "shop" };
  const server = await startTestServer(settings, undefined, distributed);
  const { database } = server;
  const users = await createKey(database, "shop", "user", null);
  const bobs = await createKey(database, "shop", "user", null, { isolationKey: "bob" });
  const backend = await createKey(database, "shop", "project", null);
  const as = (user: string) => ({ "api-key": users, "x-ms-user-isolation-key": user });
  await store(database, [own(MINE, "1"), own(SHARED, null)], "shop");
  for (const names of [MINE, SHARED]) await storeItem(server, names);
  if (hidden === "another user's") {
    await store(database, [secret(HERS, "ann"), secret(NOBODYS, null)], "shop");
    await writeMore(server, HERS, as("ann"));
    await writeMore(server, NOBODYS, { "api-key": backend });
  }
  if (hidden === "another project's") {
    const bank = await createKey(database, "bank", "user", null);
    await store(database, [secret(FOREIGN, "bob"), secret(IMPORTED, null), secret(SHARED, "bob")], "bank");
    const headers = { "api-key": bank, "x-ms-user-isolation-key": "bob" };
    await writeMore(server, FOREIGN, headers);
    await addItem(server, SHARED, "hidden", headers);
  }
  return {
    server,
    headers: {
      bob: as("bob"),
      "bob by a key of bob's": { "api-key": bobs },
      "bob by a token": { authorization: `Bearer ${await signWithSecret({ sub: "bob" })}` },
      "the backend": { "api-key": backend },
    }[who],
    scope: { projectId: "shop", isolationKey: who === "the backend" ? null : "bob" },
    readHidden: () => readHidden(server, who),
  };
}

function own({ conversation: id, question, answer }: Names, version: string | null) {
  return conversation(id, {
    isolationKey: "bob",
    agent: { name: "mine", version },
    metadata: { mine: "yes" },
    turns: [turn(question), turn(answer, { role: "assistant", state: "in-progress", inReplyToId: question })],
  });
}

/** Fulfils every condition that nothing of bob's fulfils, and is newer. */
function secret({ conversation: id, question, answer }: Names, isolationKey: string | null) {
  const reply = { role: "assistant" as const, inReplyToId: question, messages: [text("hidden words"), CALL] };
  return conversation(id, {
    isolationKey,
    createdAt: LATER,
    updatedAt: LATER,
    agent: { name: id === SHARED.conversation || id === NOBODYS.conversation ? "mine" : "hidden", version: "2" },
    metadata: { mine: "yes", hidden: "yes" },
    turns: [
      turn(question, { text: "hidden words" }),
      turn(answer, { ...reply, state: "in-progress" }),
      turn(`${answer}.failed`, { ...reply, state: "error" }),
    ],
  });
}

async function writeMore(
  server: TestServer,
  { conversation: conversationId, answer }: Names,
  headers: Record<string, string>,
) {
  const { append: appendKey, create: createKeyed } = IDEMPOTENCY_KEYS;
  await append(server, { conversationId, turn: says("hidden"), idempotencyKey: appendKey }, headers);
  await create(server, { turns: [says("hidden")], idempotencyKey: createKeyed }, headers);
  await addItem(server, { ...HERS, conversation: conversationId, answer }, "hidden", headers);
  const gone = await create(server, {}, headers);
  await ask(
    server,
    "mutation ($id: ID!) { deleteConversation(input: { id: $id }) { deletedConversationId } }",
    { id: gone },
    headers,
  );
  // From now on its text may be appended in chunks.
  await update(server, { id: answer, appendText: "hidden" }, headers);
}

/** Stores an item that belongs to no turn, and changes nothing else of the conversation: no time of it shows. */
async function storeItem({ database }: TestServer, names: Names) {
  const item = { id: itemOf(names), type: "message", role: "system", content: "mine" };
  await database.rows(sql`
    INSERT INTO items (project_id, conversation_id, position, place, id, type, bytes, item)
    VALUES ('shop', ${names.conversation}, 2, 1000000, ${item.id}, ${item.type}, 9, ${JSON.stringify(item)}::json)`);
}

/** Adds an item of the assistant's, and one that joins its turn. */
async function addItem({ origin }: TestServer, names: Names, content: string, headers: Record<string, string>) {
  for (const [id, said] of [
    [itemOf(names), content],
    [`${itemOf(names)}_more`, `${content} more`],
  ]) {
    const response = await fetch(`${origin}/openai/v1/conversations/${names.conversation}/items`, {
      method: "POST",
      headers: { ...headers, "content-type": "application/json" },
      body: JSON.stringify({ items: [{ id, role: "assistant", content: said }] }),
    });
    if (!response.ok) throw new Error(await response.text());
    await response.text();
  }
}

async function readHidden({ database }: TestServer, who: Who): Promise<string> {
  const visible =
    who === "the backend" ? sql`project_id = 'shop'` : sql`project_id = 'shop' AND coalesce(isolation_key, '') = 'bob'`;
  const rows = await database.rows(sql`
    SELECT c::text, h::text, k::text, t::text, (
      SELECT string_agg(i::text, ' ' ORDER BY i.position, i.place) FROM items i
      WHERE i.project_id = c.project_id AND i.conversation_id = c.id
    ) AS items FROM conversations c
    JOIN conversation_heads h ON h.project_id = c.project_id AND h.conversation_id = c.id
    LEFT JOIN turns t ON t.project_id = c.project_id AND t.conversation_id = c.id
    LEFT JOIN idempotency_keys k ON k.project_id = c.project_id AND k.conversation_id = c.id
    WHERE NOT (SELECT ${visible} FROM (SELECT c.project_id, c.isolation_key) AS owner)
    ORDER BY c.project_id, c.id, t.position, k.key`);
  return JSON.stringify(rows);
}
