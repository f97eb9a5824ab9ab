import { sql } from "drizzle-orm";
import { afterAll, beforeAll, expect } from "vitest";
import type { TurnRecord } from "../../src/model/conversation-record.ts";
import { parsePage } from "../../src/relay/page.ts";
import { countConversations, readConversations } from "../../src/store/read/conversations.ts";
import { parseSearch } from "../../src/store/read/search.ts";
import { conversation, store, text, turn } from "../harness/conversations.ts";
import { testOnOneMachine } from "../harness/one-machine.ts";
import { startTestServer, type TestServer } from "../harness/server.ts";
import { plansOf, rowsTouched } from "./plans.ts";

const OTHERS = 300;
const MINE = 3;
const page = parsePage({}, { field: "CREATED_AT", direction: "DESC" }, 100);
const mine = { projectId: "default", isolationKey: "me" };
const project = { projectId: "default", isolationKey: null };
const answering: Partial<TurnRecord> = { role: "assistant", state: "in-progress" };

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
  const of = (user: string, count: number, said: string) =>
    Array.from({ length: count }, (_, index) =>
      conversation(`${user}${index}`, {
        isolationKey: user,
        turns: [
          turn(`${user}${index}.1`, { text: said }),
          turn(`${user}${index}.2`, { ...answering, messages: [text(said)] }),
        ],
      }),
    );
  await store(server.database, [...of("me", MINE, "mine"), ...of("others", OTHERS, "everywhere")]);
  await server.database.rows(sql`ANALYZE`);
});
afterAll(() => server.close());

// EXPLAIN shows what a worker does as one task, by the names of its shards.
testOnOneMachine.each(["everywhere", "nowhere", "mine -everywhere", "-nowhere", '"mine everywhere" or nowhere'])(
  "a user's search reads that user's turns, whatever others say: %s",
  async (words) => {
    const filter = { search: parseSearch(words) };
    for (const work of [countConversations, readConversations] as const) {
      const plans = await plansOf(server.database, (executor) => work(executor, mine, filter, page));
      // Two turns each, for each word and for those in progress.
      expect(rowsTouched(plans, "turns")).toBeLessThanOrEqual(2 * MINE * (words.split(" ").length + 1));
    }
  },
);

// EXPLAIN shows what a worker does as one task, by the names of its shards.
testOnOneMachine("turns in progress are read once for all words of a search, the newest fifty", async () => {
  const filter = { search: parseSearch("everywhere mine -nowhere or everywhere") };
  const plans = await plansOf(server.database, (executor) => countConversations(executor, project, filter));
  const unfinished = plans.filter((node) => node["Node Type"] === "Limit");
  expect(unfinished.map((node) => [Number(JSON.stringify(node["Actual Rows"])), node["Actual Loops"]])).toEqual([
    [50, 1],
  ]);
});
