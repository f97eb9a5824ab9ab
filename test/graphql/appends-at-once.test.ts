import { sql } from "drizzle-orm";
import { afterAll, beforeAll, expect, test } from "vitest";

import { conversation, store, text, turn } from "../harness/conversations.ts";
import { startTestServer, type TestServer } from "../harness/server.ts";

// What is appended while a statement is under way goes into the next one, whoever sends it.

const APPEND = `mutation ($input: UpdateTurnInput!) { updateTurn(input: $input) { turn { id revision } } }`;

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer({ LOCK_TIMEOUT_MS: "30000" });
});
afterAll(() => server.close());

/** Stores a conversation of the user's with turns in progress. */
async function open(id: string, user: string, turns = 1): Promise<void> {
  const messages = [{ ...text("said: "), state: "in-progress" as const }];
  const opened = Array.from({ length: turns }, (_, at) =>
    turn(`${id}.${at}`, { role: "assistant", state: "in-progress", messages }),
  );
  await store(server.database, [conversation(id, { isolationKey: user, turns: opened })]);
  // The first text begins the chunks.
  for (const { id: turnId } of opened) await append(user, { id: turnId ?? "", appendText: "-" });
}

/** What became of an append: the code of its error, or "kept". */
async function append(user: string | null, input: { id: string; appendText: string; expectedRevision?: number }) {
  const response = await fetch(`${server.origin}/graphql`, {
    method: "POST",
    headers: { "content-type": "application/json", ...(user !== null && { "x-ms-user-isolation-key": user }) },
    body: JSON.stringify({ query: APPEND, variables: { input } }),
  });
  const { data, errors } = await response.json();
  if (data?.updateTurn != null) expect(data.updateTurn.turn.id).toBe(input.id);
  return errors?.[0]?.extensions.code ?? "kept";
}

async function said(id: string): Promise<string> {
  const query = `query ($id: ID!) { node(id: $id) { ... on Turn { messages { ... on TextFragment { content } } } } }`;
  const response = await fetch(`${server.origin}/graphql`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ query, variables: { id } }),
  });
  return (await response.json()).data.node.messages[0].content;
}

test("texts for turns of several users share statements: each is kept once, and each refusal is its own", async () => {
  for (const user of ["ann", "bob"]) for (const at of [0, 1, 2, 3]) await open(`${user}-${at}`, user, 2);
  const appended: Promise<string>[] = [];
  for (const user of ["ann", "bob"]) {
    for (const at of [0, 1, 2, 3]) appended.push(append(user, { id: `${user}-${at}.0`, appendText: `<${user}>` }));
    // Of the project itself, of a sibling in the same conversation, of the same turn again, and what is refused.
    appended.push(append(null, { id: `${user}-0.1`, appendText: "<project>" }));
    appended.push(append(user, { id: `${user}-1.1`, appendText: "<sibling>" }));
    appended.push(append(user, { id: `${user}-1.1`, appendText: "<again>" }));
    appended.push(append(user === "ann" ? "bob" : "ann", { id: `${user}-2.1`, appendText: "<other>" }));
    appended.push(append(user, { id: `${user}-3.1`, appendText: "<late>", expectedRevision: user === "ann" ? 0 : 1 }));
    appended.push(append(user, { id: "nowhere", appendText: "<nowhere>" }));
  }
  const kept = Array.from({ length: 7 }, () => "kept");
  const outcome = [...kept, "NOT_FOUND", "CONFLICT", "NOT_FOUND"];
  expect(await Promise.all(appended)).toEqual([...outcome, ...outcome]);
  for (const user of ["ann", "bob"]) {
    for (const at of [0, 1, 2, 3]) expect(await said(`${user}-${at}.0`)).toBe(`said: -<${user}>`);
    expect(await said(`${user}-0.1`)).toBe("said: -<project>");
    expect(["said: -<sibling><again>", "said: -<again><sibling>"]).toContain(await said(`${user}-1.1`));
    for (const at of [2, 3]) expect(await said(`${user}-${at}.1`)).toBe("said: -");
  }
});

test("a conversation that another writer has waits alone", async () => {
  await open("held", "ann");
  for (const id of ["free-0", "free-1"]) await open(id, "bob");
  const hold = sql`SELECT 1 FROM conversation_heads WHERE project_id = 'default' AND conversation_id = 'held' FOR UPDATE`;
  let held: Promise<string> | undefined;
  await server.database.transaction(async (transaction) => {
    await transaction.rows(hold);
    held = append("ann", { id: "held.0", appendText: "waits" });
    const free = [0, 1, 0, 1].map((at, n) => append("bob", { id: `free-${at}.0`, appendText: `${n}` }));
    expect(await Promise.all(free)).toEqual(["kept", "kept", "kept", "kept"]);
  });
  expect(await held).toBe("kept");
  expect(await said("held.0")).toBe("said: -waits");
});

test("a text that the database refuses fails alone", async () => {
  for (const id of ["good-0", "bad", "good-1"]) await open(id, "ann");
  await server.database.rows(
    sql`ALTER TABLE turn_chunks ADD CONSTRAINT no_bad_text CHECK (json_text <> 'bad') NOT VALID`,
  );
  const appended = ["good-0", "bad", "good-1", "good-0", "bad", "good-1"].map((id) =>
    append("ann", { id: `${id}.0`, appendText: id === "bad" ? "bad" : "+" }),
  );
  const outcomes = await Promise.all(appended);
  await server.database.rows(sql`ALTER TABLE turn_chunks DROP CONSTRAINT no_bad_text`);
  expect(outcomes.map((outcome) => outcome === "kept")).toEqual([true, false, true, true, false, true]);
  for (const id of ["good-0", "good-1"]) expect(await said(`${id}.0`)).toBe("said: -++");
  expect(await said("bad.0")).toBe("said: -");
});
