import { sql } from "drizzle-orm";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { ApiError } from "../../src/model/errors.ts";
import { deleteAll } from "../../src/store/write/delete-all.ts";
import { importConversation } from "../../src/store/write/import-conversation.ts";
import { brokenRules, dropTriggers } from "../harness/broken-rules.ts";
import { conversation, turn } from "../harness/conversations.ts";
import { post } from "../harness/graphql.ts";
import { startTestServer, type TestServer } from "../harness/server.ts";
import { startTwin, type Twin } from "../harness/twin.ts";
import { says } from "../harness/writes.ts";

const DOCUMENTS = {
  create: "mutation ($input: CreateConversationInput!) { createConversation(input: $input) { conversation { id } } }",
  append: "mutation ($input: AppendTurnInput!) { appendTurn(input: $input) { turn { id } } }",
  delete: "mutation ($input: DeleteConversationInput!) { deleteConversation(input: $input) { deletedConversationId } }",
};
const USERS = ["ann", "bob"] as const;
const AGENTS = [null, { name: "shop", version: null }, { name: "shop", version: "2" }, { name: "bank", version: "2" }];
const TIMES = ["0001-01-01T00:00:00.000Z", "2024-05-20T23:59:59.999Z", "2024-05-21T00:00:00.000Z"];

const user = fc.constantFrom(null, ...USERS);
const place = { user, agent: fc.constantFrom(...AGENTS), time: fc.constantFrom(...TIMES) };
const nth = fc.integer({ min: 0, max: 20 });
const id = fc.integer({ min: 1, max: 4 });
const step = fc.oneof(
  fc.record({ does: fc.constant("create" as const), ...place }),
  fc.record({ does: fc.constant("append" as const), nth, reply: fc.boolean() }),
  fc.record({ does: fc.constant("import" as const), ...place, id, turns: id, replace: fc.boolean() }),
  fc.record({ does: fc.constant("delete" as const), nth }),
  fc.record({ does: fc.constant("delete all" as const), user: fc.constantFrom(...USERS) }),
  fc.record({ does: fc.constant("by hand" as const), ...place }),
);
type Step = typeof step extends fc.Arbitrary<infer Value> ? Value : never;
const writers = fc.array(fc.array(step, { minLength: 1, maxLength: 10 }), { minLength: 2, maxLength: 5 });

// What a writer may hear when another one was quicker: of a reply too, whose question was replaced.
const ACCEPTED = ["NOT_FOUND", "CONFLICT", "BAD_USER_INPUT"];

describe.each(["with", "without"])("%s the triggers that look at other tables", (which) => {
  let server: TestServer;
  let twin: Twin;
  beforeAll(async () => {
    server = await startTestServer();
    twin = await startTwin(server);
    if (which === "without") await dropTriggers(server.database);
  });
  afterAll(async () => {
    await twin.close();
    await server.close();
  });

  async function send(
    to: keyof typeof DOCUMENTS,
    input: object,
    through: Pick<TestServer, "origin">,
    whose = null as string | null,
  ) {
    const headers: Record<string, string> = whose === null ? {} : { "x-ms-user-isolation-key": whose };
    const { errors = [] } = await post(through, DOCUMENTS[to], { input }, headers);
    expect(errors.filter(({ extensions }) => !ACCEPTED.includes(String(extensions.code)))).toEqual([]);
  }

  async function pick(
    table: "conversations" | "turns",
    place: number,
  ): Promise<{ id: string; parent: string } | undefined> {
    const rows = await server.database.rows<{ id: string; parent: string }>(
      table === "turns"
        ? sql`SELECT id, conversation_id AS parent FROM turns WHERE role = 'user' ORDER BY id`
        : sql`SELECT id, id AS parent FROM conversations ORDER BY id`,
    );
    return rows[place % Math.max(rows.length, 1)];
  }

  async function take(step: Step, through: Pick<TestServer, "origin">): Promise<void> {
    const { database } = server;
    if (step.does === "create") {
      await send("create", { agent: step.agent, turns: [{ ...says("x"), timestamp: step.time }] }, through, step.user);
    } else if (step.does === "append") {
      const found = await pick(step.reply ? "turns" : "conversations", step.nth);
      const reply = { role: "ASSISTANT", messages: [], inReplyToId: found?.id };
      if (found) await send("append", { conversationId: found.parent, turn: step.reply ? reply : says("y") }, through);
    } else if (step.does === "import") {
      const name = `${step.user} ${step.id}`;
      const turns = Array.from({ length: step.turns }, (_, index) => turn(`${name}/${step.replace}${index}`));
      const given = { isolationKey: step.user, agent: step.agent, createdAt: new Date(step.time), turns };
      await importConversation(database, "default", conversation(name, given), step).catch((error) => {
        if (!(error instanceof ApiError && ACCEPTED.includes(error.code))) throw error;
      });
    } else if (step.does === "delete") {
      const found = await pick("conversations", step.nth);
      if (found) await send("delete", { id: found.id }, through);
    } else if (step.does === "delete all") {
      const scope = { projectId: "default", isolationKey: step.user };
      await deleteAll(database, scope, new AbortController().signal, () => {});
    } else if (which === "with") {
      await byHand(step);
    }
  }

  /** As another program writes. */
  async function byHand({ user, agent, time }: { user: string | null; agent: (typeof AGENTS)[number]; time: string }) {
    await server.database.transaction(async (transaction) => {
      const [row] = await transaction.rows<{ id: string }>(sql`
        INSERT INTO conversations (project_id, id, isolation_key, created_at, agent_name, agent_version)
        VALUES ('default', 'hand ' || gen_random_uuid(), ${user}, ${time}::timestamptz, ${agent?.name ?? null}, ${agent?.version ?? null})
        RETURNING id`);
      await transaction.rows(sql`
        INSERT INTO conversation_heads (project_id, conversation_id, isolation_key, updated_at, revision, turn_count)
        VALUES ('default', ${row?.id}, ${user}, ${time}::timestamptz, 0, 0)`);
    });
  }

  test("whatever several writers do at the same time, counts, ids, heads and replies are right", async () => {
    await fc.assert(
      fc.asyncProperty(writers, async (writers) => {
        await Promise.all(
          writers.map(async (steps, index) => {
            for (const step of steps) await take(step, index % 2 === 0 ? server : twin);
          }),
        );
        expect(await brokenRules(server.database)).toEqual([]);
      }),
      // What the writers met cannot be met again: a search for fewer steps would only run into the time limit.
      { numRuns: 12, endOnFailure: true },
    );
  });
});
