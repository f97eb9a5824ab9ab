import { sql } from "drizzle-orm";
import fc from "fast-check";

import { ApiError } from "../../src/model/errors.ts";
import { deleteAll } from "../../src/store/write/delete-all.ts";
import { deleteIdle } from "../../src/store/write/delete-idle.ts";
import { importConversation } from "../../src/store/write/import-conversation.ts";
import { conversation, turn } from "../harness/conversations.ts";
import { assistant, callApi, functionCall, functionOutput, user as says } from "../harness/conversations-api.ts";
import { post } from "../harness/graphql.ts";
import type { TestServer } from "../harness/server.ts";
import { says as turnSays, words } from "../harness/writes.ts";

const DOCUMENTS = {
  create: "mutation ($input: CreateConversationInput!) { createConversation(input: $input) { conversation { id } } }",
  fork: "mutation ($input: ForkConversationInput!) { forkConversation(input: $input) { conversation { id } } }",
  describe: "mutation ($input: UpdateConversationInput!) { updateConversation(input: $input) { conversation { id } } }",
  append: "mutation ($input: AppendTurnInput!) { appendTurn(input: $input) { turn { id } } }",
  update: "mutation ($input: UpdateTurnInput!) { updateTurn(input: $input) { turn { id } } }",
  note: "mutation ($input: SetTurnMetadataInput!) { setTurnMetadata(input: $input) { turn { id } } }",
  deleteTurn: "mutation ($input: DeleteTurnInput!) { deleteTurn(input: $input) { deletedTurnId } }",
  delete: "mutation ($input: DeleteConversationInput!) { deleteConversation(input: $input) { deletedConversationId } }",
};
const USERS = ["ann", "bob"] as const;
const AGENTS = [null, { name: "shop", version: null }, { name: "shop", version: "2" }, { name: "bank", version: "2" }];
// Of these the retention below deletes what is imported.
const TIMES = ["0001-01-01T00:00:00.000Z", "2024-05-20T23:59:59.999Z", "2024-05-21T00:00:00.000Z"];
const RETENTION_DAYS = 30;

// What a writer may hear when another one was quicker: of a reply too, whose question was replaced.
const ACCEPTED = ["NOT_FOUND", "CONFLICT", "BAD_USER_INPUT"];
const ACCEPTED_STATUS = [200, 400, 404, 409];

const user = fc.constantFrom(null, ...USERS);
const place = { user, agent: fc.constantFrom(...AGENTS), time: fc.constantFrom(...TIMES) };
const nth = fc.integer({ min: 0, max: 20 });
const id = fc.integer({ min: 1, max: 4 });
const has = <Name extends string>(does: Name) => ({ does: fc.constant(does) });
const step = fc.oneof(
  fc.record({ ...has("create"), ...place, id: fc.option(id), key: fc.option(id) }),
  fc.record({ ...has("append"), nth, reply: fc.boolean(), id: fc.option(id), key: fc.option(id) }),
  fc.record({ ...has("import"), ...place, id, turns: id, replace: fc.boolean() }),
  fc.record({ ...has("update"), nth, text: fc.boolean(), ends: fc.boolean() }),
  fc.record({ ...has("items"), nth, isNew: fc.boolean(), calls: fc.boolean() }),
  fc.record({ ...has("delete item"), nth }),
  fc.record({ ...has("fork"), nth }),
  fc.record({ does: fc.constantFrom("describe" as const, "note" as const), nth }),
  fc.record({ does: fc.constantFrom("delete turn" as const, "delete" as const), nth }),
  fc.record({ ...has("delete all"), user: fc.constantFrom(...USERS) }),
  fc.record({ ...has("retention") }),
);
export type Step = typeof step extends fc.Arbitrary<infer Value> ? Value : never;

/** What each of several writers does, one step after the other. */
export const writers = fc.array(fc.array(step, { minLength: 1, maxLength: 12 }), { minLength: 2, maxLength: 5 });

/** What a step works on. */
export interface Writing {
  /** The server that the writer calls. */
  through: Pick<TestServer, "origin">;
  database: TestServer["database"];
  /** Takes down a conversation that was stored. */
  stored(id: string): void;
}

async function send(to: keyof typeof DOCUMENTS, input: object, { through }: Writing, whose: string | null = null) {
  const headers: Record<string, string> = whose === null ? {} : { "x-ms-user-isolation-key": whose };
  const { data, errors = [] } = await post(through, DOCUMENTS[to], { input }, headers);
  const unexpected = errors.filter(({ extensions }) => !ACCEPTED.includes(String(extensions.code)));
  if (unexpected.length > 0) throw new Error(`${to}: ${JSON.stringify(unexpected)}`);
  return data;
}

type Found = { id: string; parent: string };

async function pick({ database }: Writing, nth: number, which = sql`true`): Promise<Found | undefined> {
  const rows = await database.rows<Found>(sql`
    SELECT id, conversation_id AS parent FROM turns WHERE project_id = 'default' AND ${which} ORDER BY id`);
  return rows[nth % Math.max(rows.length, 1)];
}

async function pickConversation({ database }: Writing, nth: number): Promise<string | undefined> {
  const rows = await database.rows<{ id: string }>(
    sql`SELECT id FROM conversations WHERE project_id = 'default' ORDER BY id`,
  );
  return rows[nth % Math.max(rows.length, 1)]?.id;
}

/** Takes the step; throws for an answer that no race explains. */
export async function take(step: Step, writing: Writing): Promise<void> {
  const { database, stored } = writing;
  if (step.does === "create" || step.does === "fork") {
    const made = await (step.does === "create" ? create(step, writing) : fork(step.nth, writing));
    if (made != null) stored(made);
  } else if (step.does === "import") {
    await importAs(step, writing);
  } else if (step.does === "delete all") {
    const scope = { projectId: "default", isolationKey: step.user };
    await deleteAll(database, scope, new AbortController().signal, () => {});
  } else if (step.does === "retention") {
    await deleteIdle(database, RETENTION_DAYS, new AbortController().signal);
  } else if (step.does === "items" || step.does === "delete item") {
    await takeItems(step, writing);
  } else if (step.does === "append") {
    const found = await pick(writing, step.nth, step.reply ? sql`role = 'user'` : sql`true`);
    if (!found) return;
    const said = step.reply
      ? { role: "ASSISTANT", messages: [words("", "IN_PROGRESS")], inReplyToId: found.id, state: "IN_PROGRESS" }
      : turnSays("y");
    const own = step.id === null ? {} : { id: `own turn ${step.id}` };
    const key = step.key === null ? null : `append ${step.key}`;
    await send("append", { conversationId: found.parent, turn: { ...said, ...own }, idempotencyKey: key }, writing);
  } else {
    await change(step, writing);
  }
}

async function change(step: Step & { nth: number }, writing: Writing): Promise<void> {
  if (step.does === "describe" || step.does === "delete") {
    const found = await pickConversation(writing, step.nth);
    const set = step.does === "describe" ? { setMetadata: [{ key: "title", value: `${step.nth}` }] } : {};
    if (found) await send(step.does, { id: found, ...set }, writing);
  } else if (step.does === "update") {
    const found = await pick(writing, step.nth, sql`state = 'in-progress'`);
    const added = step.text ? { appendText: "more " } : { appendMessages: [words("next", "IN_PROGRESS")] };
    if (found) await send("update", { id: found.id, ...added, ...(step.ends && { state: "DONE" }) }, writing);
  } else {
    const found = await pick(writing, step.nth);
    const isNote = step.does === "note";
    const set = isNote ? { set: [{ key: `${step.nth}`, value: "x" }] } : {};
    if (found) await send(isNote ? "note" : "deleteTurn", { id: found.id, ...set }, writing);
  }
}

async function create(step: Step & { does: "create" }, writing: Writing): Promise<string | undefined> {
  const turns = [{ ...turnSays("x"), timestamp: step.time }];
  const own = step.id === null ? {} : { id: `own ${step.id}` };
  const key = step.key === null ? null : `create ${step.key}`;
  const data = await send("create", { ...own, agent: step.agent, turns, idempotencyKey: key }, writing, step.user);
  return data?.createConversation?.conversation.id;
}

async function fork(nth: number, writing: Writing): Promise<string | undefined> {
  const found = await pickConversation(writing, nth);
  if (found === undefined) return undefined;
  return (await send("fork", { id: found }, writing))?.forkConversation?.conversation.id;
}

async function importAs(step: Step & { does: "import" }, { database, stored }: Writing): Promise<void> {
  const name = `${step.user} ${step.id}`;
  const turns = Array.from({ length: step.turns }, (_, index) => turn(`${name}/${step.replace}${index}`));
  const given = { isolationKey: step.user, agent: step.agent, createdAt: new Date(step.time), turns };
  await importConversation(database, "default", conversation(name, given), step).then(
    () => stored(name),
    (error) => {
      if (!(error instanceof ApiError && ACCEPTED.includes(error.code))) throw error;
    },
  );
}

async function takeItems(step: Step & { does: "items" | "delete item" }, writing: Writing): Promise<void> {
  const { through, database, stored } = writing;
  const given = step.does === "items" && step.calls ? [functionCall("c", "look"), functionOutput("c", "found")] : [];
  if (step.does === "items" && step.isNew) {
    const { status, body } = await callApi(through, "POST", "", { items: [says("why?"), ...given] });
    if (status === 200) stored(body.id);
    return;
  }
  const [item] = await database.rows<{ id: string; parent: string }>(sql`
    SELECT id, conversation_id AS parent FROM items WHERE project_id = 'default' ORDER BY id OFFSET ${step.nth} LIMIT 1`);
  if (item === undefined) return;
  const { status, text } =
    step.does === "items"
      ? await callApi(through, "POST", `/${item.parent}/items`, { items: [...given, assistant("because")] })
      : await callApi(through, "DELETE", `/${item.parent}/items/${item.id}`);
  if (!ACCEPTED_STATUS.includes(status)) throw new Error(`${step.does}: ${status} ${text}`);
}
