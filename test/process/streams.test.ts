import { sql } from "drizzle-orm";
import { expect, onTestFinished, test, vi } from "vitest";

import { connectTo } from "../harness/connect.ts";
import { createDatabase } from "../harness/database.ts";
import { post } from "../harness/graphql.ts";
import { startServer } from "../harness/program.ts";
import { append, create, readTurns } from "../harness/writes.ts";

const KILLS = 10;
const APPEND = "mutation ($input: UpdateTurnInput!) { updateTurn(input: $input) { turn { revision } } }";
const READ =
  "query ($id: ID!) { node(id: $id) { ... on Turn { revision messages { ... on TextFragment { content } } } } }";

interface Stream {
  id: string;
  /** The revision after the last text that is known to be stored. */
  revision: number;
  text: string;
}

test(`${KILLS} kills with -9 under 4 streams that retry by revision: each text stands once, in order, and goes on`, async () => {
  const { url, drop } = await createDatabase();
  const start = async () => {
    const server = await startServer({ DATABASE_URL: url });
    const kill = () => server.stop("SIGKILL");
    onTestFinished(async () => void (await kill()));
    return { origin: new URL(server.url).origin, kill };
  };
  onTestFinished(drop);
  let current = start();
  const conversationId = await create(await current);
  let [appended, lost, over] = [0, 0, false];

  /** Asks again until a server answers: fetch throws when the one that was asked is gone. */
  async function ask(query: string, variables: Record<string, unknown>): ReturnType<typeof post> {
    for (;;) {
      try {
        return await post(await current, query, variables);
      } catch (error) {
        if (!(error instanceof TypeError)) throw error;
        lost += 1;
      }
    }
  }
  async function say(stream: Stream, text: string): Promise<void> {
    const input = { id: stream.id, appendText: text, expectedRevision: stream.revision };
    const { data, errors } = await ask(APPEND, { input });
    // CONFLICT says that an earlier try was stored, and its answer lost with the server.
    const code = errors?.[0]?.extensions.code;
    if (code !== undefined) expect(code).toBe("CONFLICT");
    stream.text += text;
    stream.revision = data?.updateTurn?.turn.revision ?? (await ask(READ, { id: stream.id })).data.node.revision;
    appended += 1;
  }
  const streams = await Promise.all(
    [1, 2, 3, 4].map(async (): Promise<Stream> => {
      const turn = { role: "ASSISTANT", state: "IN_PROGRESS", messages: [] };
      const { id, revision } = await append(await current, { conversationId, turn });
      return { id, revision, text: "" };
    }),
  );
  // Of all lengths, so that some appends fold what stands in chunks.
  const write = async (stream: Stream) => {
    for (let said = 0; !over; said += 1) await say(stream, `<${said}>${"x".repeat(said % 50 === 0 ? 40_000 : 4)}`);
  };
  const writing = Promise.all(streams.map(write));
  for (let kills = 0; kills < KILLS; kills += 1) {
    const [killed, enough] = [await current, appended + 30];
    const next = start();
    await vi.waitUntil(() => appended >= enough, { timeout: 20_000, interval: 1 });
    current = next;
    await killed.kill();
    await next;
  }
  over = true;
  await writing;

  for (const turn of await readTurns(await current, conversationId)) {
    const stream = streams.find(({ id }) => id === turn.id);
    expect(turn).toMatchObject({ revision: stream?.revision, messages: [{ content: stream?.text }] });
    await ask("mutation ($input: UpdateTurnInput!) { updateTurn(input: $input) { turn { id } } }", {
      input: { id: turn.id, state: "DONE" },
    });
  }
  const database = connectTo(url);
  const left = await database.rows(sql`SELECT 1 FROM turn_chunks`);
  await database.close();
  expect(left).toEqual([]);
  // biome-ignore lint/suspicious/noConsole: the figures are to be read by whoever runs the tests
  console.info(`${KILLS} kills with -9: ${appended} appends of text, 0 lost, 0 twice; ${lost} asked again`);
}, 200_000);
