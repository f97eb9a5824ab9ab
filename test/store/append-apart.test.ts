import { afterAll, beforeAll, expect, test } from "vitest";

import { ApiError } from "../../src/model/errors.ts";
import type { Database } from "../../src/store/database/client.ts";
import { appendTurn } from "../../src/store/write/append-turn.ts";
import type { NewTurn } from "../../src/store/write/turn-content.ts";
import { updateTurn } from "../../src/store/write/update-turn.ts";
import { brokenRules } from "../harness/broken-rules.ts";
import { ON_CITUS } from "../harness/citus.ts";
import { connectTo } from "../harness/connect.ts";
import { conversation, store, text } from "../harness/conversations.ts";
import { createDatabase, type TestDatabase } from "../harness/database.ts";

let files: TestDatabase;
let forms: Database[];
beforeAll(async () => {
  files = await createDatabase();
  forms = [false, true].map((distributed) => connectTo(files.url, { distributed }));
});
afterAll(async () => {
  await Promise.all(forms.map((database) => database.close()));
  await files.drop();
});

const SCOPE = { projectId: "default", isolationKey: "ann" };
const KEY = { key: "once", inputHash: "a" };
const NOTHING = { messages: null, appendMessages: null, state: null, errorDetail: null, expectedRevision: null };

function said(given: Partial<NewTurn>): NewTurn {
  const timestamp = new Date("2024-05-20T10:00:00Z");
  const rest = { errorDetail: null, inReplyToId: null, timestamp, metadata: {} };
  return { id: null, role: "user", state: "done", messages: [text("why?")], ...rest, ...given };
}

/** What comes of the same writes in the form of the database; the conversation's id is cut from the answers. */
async function write(database: Database, id: string): Promise<unknown[]> {
  await store(database, [conversation(id, { isolationKey: "ann" })]);
  const outcomes: unknown[] = [];
  const take = async (work: Promise<object>) => {
    const outcome = await work.catch((error) =>
      error instanceof ApiError ? { ...error, text: error.message } : error,
    );
    outcomes.push(JSON.parse(JSON.stringify(outcome).replaceAll(id, "it")));
  };
  const append = (turn: Partial<NewTurn>, key: typeof KEY | null = null, scope = SCOPE, to = id) =>
    take(appendTurn(database, scope, to, said(turn), key && { ...key, key: `${id} ${key.key}` }));
  await append({ id: `${id}.q` });
  await append({ id: `${id}.a`, role: "assistant", inReplyToId: `${id}.q`, messages: [] });
  await append({ id: `${id}.b`, role: "assistant", inReplyToId: `${id}.a` });
  await append({ id: `${id}.q` });
  await append({}, null, { ...SCOPE, isolationKey: "bob" });
  await append({ id: `${id}.n` }, null, SCOPE, "nowhere");
  await append({ id: `${id}.k` }, KEY);
  await append({ id: `${id}.k` }, KEY);
  await append({ id: `${id}.k` }, { ...KEY, inputHash: "b" });
  const messages: NewTurn["messages"] = [{ kind: "text", content: "so ", state: "in-progress" }];
  await append({ id: `${id}.o`, role: "assistant", state: "in-progress", messages });
  for (const appendText of ["far", " so", " good \ud83d", "\ude42"]) {
    await take(updateTurn(database, SCOPE, `${id}.o`, { ...NOTHING, appendText }, { withMessages: true }));
  }
  const late = { ...NOTHING, appendText: "late", expectedRevision: 1 };
  await take(updateTurn(database, SCOPE, `${id}.o`, late, { withMessages: false }));
  await take(
    updateTurn(database, SCOPE, `${id}.o`, { ...NOTHING, appendText: null, state: "done" }, { withMessages: true }),
  );
  return outcomes;
}

// Citus would send the other form, which has an INSERT within WITH, to every machine.
test.skipIf(ON_CITUS)(
  "the form for tables on several machines does and answers what the one for one machine does",
  async () => {
    const [one, several] = await Promise.all(forms.map((database, index) => write(database, `talk${index}`)));
    expect(several).toEqual(one);
    expect(several).toMatchObject([
      { position: 1, revision: 1 },
      { position: 2, revision: 2 },
      { code: "BAD_USER_INPUT" },
      { code: "CONFLICT" },
      { code: "NOT_FOUND" },
      { code: "NOT_FOUND" },
      { position: 3 },
      { position: 3 },
      { code: "CONFLICT" },
      { position: 4, revision: 4 },
      { revision: 5 },
      { revision: 6, messages: [{ content: "so far so" }] },
      { revision: 7 },
      { revision: 8, messages: [{ content: "so far so good 🙂" }] },
      { code: "CONFLICT" },
      { revision: 9, state: "done" },
    ]);
    const [database] = forms;
    if (database !== undefined) expect(await brokenRules(database)).toEqual([]);
  },
);
