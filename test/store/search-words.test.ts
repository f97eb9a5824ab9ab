import { randomBytes } from "node:crypto";

import { sql } from "drizzle-orm";
import { beforeAll, describe, expect, inject, onTestFinished, test } from "vitest";

import type { Database } from "../../src/store/database/client.ts";
import { migrate } from "../../src/store/schema/migrate.ts";
import { renewWords } from "../../src/store/write/renew-words.ts";
import { databaseUrl, withAdmin } from "../harness/admin.ts";
import { connectTo } from "../harness/connect.ts";
import { conversation, store, turn } from "../harness/conversations.ts";
import { addItems, assistant, createWith, user } from "../harness/conversations-api.ts";
import { ask } from "../harness/graphql.ts";
import { startTestServer } from "../harness/server.ts";

const asAdmin = (statement: string) => withAdmin(inject("clusterUrl"), (admin) => admin.unsafe(statement));

const FOUND: [search: string, text: string][] = [
  ["dónde", "«¿DÓNDE estás…?»"],
  ["¿dónde", "Dónde"],
  ["京都", "配送先を京都に変更"],
  ["変更", "配送先を京都に変更"],
  ["カード", "「カード」です"],
  ["配送先を京都", "配送先を京都に変更"],
  ["hello", "“hello”—she said"],
  ["said", "“hello”—she said"],
  ["don’t", "don't"],
  ["don't", "I don’t"],
  ["wait", "wait…what"],
  ["what", "wait…what"],
  ["prix", "le prix\u202f: 10\u00a0€"],
  ["überall", "ÜBERALL"],
  ["ПРИВЕТ", "„привет“"],
  ["οδος", "ΟΔΟΣ"],
  ["ΟΔΟΣ", "οδός οδος"],
  ["注意", "注意！（必読）"],
  ["ＡＢＣ", "ａｂｃ，ｄｅｆ"],
  ["plan", "🙂plan🙂"],
];
const LOST: [search: string, text: string][] = [
  ["都京", "配送先を京都に変更"],
  ["京変", "配送先を京都に変更"],
  ["refun", "refund"],
  ["donde", "dónde"],
];
const BEGUN: [search: string, text: string, isFound: boolean][] = [
  ["refun", "a REFUND", true],
  ["Überw", "die Überweisung", true],
  ["efund", "refund", false],
  ["my ref", "of my refund", true],
  ["ref my", "ref of my", false],
  ["!", "anything", false],
];

const [cluster] = await asAdmin("SELECT current_setting('server_version_num')::integer / 10000 AS version");

describe.each([
  ["LOCALE 'C' LOCALE_PROVIDER libc", 15],
  ["LOCALE 'C' LC_CTYPE 'C.UTF-8' LOCALE_PROVIDER libc", 15],
  ["LOCALE 'C' LOCALE_PROVIDER builtin BUILTIN_LOCALE 'C.UTF-8'", 17],
])("in a database of %s (needs PostgreSQL %i)", (locale, since) => {
  const isKnown = cluster?.version >= since;
  let database: Database;
  beforeAll(async () => {
    if (!isKnown) return;
    const name = `test_${randomBytes(8).toString("hex")}`;
    await asAdmin(`CREATE DATABASE ${name} ENCODING 'UTF8' ${locale} TEMPLATE template0`);
    database = connectTo(databaseUrl(inject("clusterUrl"), name));
    await migrate(database);
    return async () => {
      await database.close();
      await asAdmin(`DROP DATABASE ${name} WITH (FORCE)`);
    };
  });

  const finds = async (search: string, text: string, isBeginning = false) => {
    const [row] = await database.rows<{ found: boolean }>(
      sql`SELECT search_words(${text}) @@ search_query(${search}, ${isBeginning}) AS found`,
    );
    return row?.found;
  };

  test.runIf(isKnown)("words are found, and what is none is not", async () => {
    for (const [search, text] of FOUND)
      expect({ search, text, found: await finds(search, text) }).toMatchObject({ found: true });
    for (const [search, text] of LOST)
      expect({ search, text, found: await finds(search, text) }).toMatchObject({ found: false });
  });

  test.runIf(isKnown)("the last word is found by its beginning", async () => {
    for (const [search, text, isFound] of BEGUN) {
      expect({ search, text, found: await finds(search, text, true) }).toEqual({ search, text, found: isFound });
    }
  });
});

test("words of before are made again some at a time, and titles searched, from where it ended", async () => {
  const server = await startTestServer();
  onTestFinished(server.close);
  const { database } = server;
  const old = (id: string) =>
    conversation(id, {
      metadata: { title: `Título ${id}` },
      turns: [turn(`${id}.1`, { text: "配送先を京都に変更" }), turn(`${id}.2`, { text: "plain" })],
    });
  for (const project of ["default", "shop"]) {
    await store(
      database,
      Array.from({ length: 300 }, (_, index) => old(`c${index}`)),
      project,
    );
  }
  await addItems(server, await createWith(server, [user("where"), assistant("in")]), [assistant("「大阪市」")]);
  await database.rows(sql`UPDATE turn_chunks SET words = to_tsvector('simple', json_text)`);
  await database.rows(sql`UPDATE turns SET words = to_tsvector('simple', messages #>> '{0,content}')`);
  await database.rows(sql`ALTER TABLE conversations DISABLE TRIGGER ALL`);
  await database.rows(sql`UPDATE conversations SET title_words = NULL`);
  await database.rows(sql`ALTER TABLE conversations ENABLE TRIGGER ALL`);
  const found = async (search: string) =>
    (
      await ask(server, "query ($filter: ConversationFilter) { conversations(filter: $filter) { totalCount } }", {
        filter: { search },
      })
    ).conversations.totalCount;
  const states = async () => [await found("京都"), await found("título"), await found("plain"), await found("大阪")];
  expect(await states()).toEqual([0, 0, 300, 0]);
  await database.rows(sql`UPDATE milestones SET reached = '[0,"",""]' WHERE name = 'search words'`);

  // Ends after each transaction, as when the server stops.
  let rounds = 0;
  const once = () => {
    const stop = new AbortController();
    const stopping: Database = {
      ...database,
      transaction: (work) => {
        stop.abort();
        return database.transaction(work);
      },
    };
    return renewWords(stopping, stop.signal);
  };
  while (!(await renewWords(database, AbortSignal.abort())) && !(await once())) {
    rounds += 1;
    if (rounds > 20) break;
  }
  expect(rounds).toBeGreaterThan(5);
  expect(await renewWords(database, new AbortController().signal)).toBe(true);
  expect(await states()).toEqual([300, 300, 300, 1]);
});
