import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";

import { expect, onTestFinished, test } from "vitest";

import { createKey } from "../../src/store/keys/keys.ts";
import { json } from "../harness/send.ts";
import { startTestServer } from "../harness/server.ts";
import { watch } from "../harness/watch.ts";
import { append, create, says } from "../harness/writes.ts";

test("the backend in between adds key and user, and passes events on as they come", async () => {
  const server = await startTestServer();
  const key = await createKey(server.database, "shop", "user", null);
  const folder = await mkdtemp(join(tmpdir(), "conversation-graph-"));
  const page = await readFile(new URL("README.md", import.meta.url), "utf8");
  const [, text = ""] = /^```ts src\/backend\.ts\n(.*?)^```$/ms.exec(page) ?? [];
  const file = join(folder, "backend.ts");
  await writeFile(file, text.replaceAll("http://127.0.0.1:4000", server.origin));
  const backend = spawn(process.execPath, [file], {
    env: { PATH: process.env.PATH, PORT: "0", CONVERSATIONS_KEY: key },
  });
  onTestFinished(async () => {
    backend.kill();
    await rm(folder, { recursive: true });
    await server.close();
  });
  const [line = ""] = await once(createInterface(backend.stdout), "line");
  const origin = `http://127.0.0.1:${/port: (\d+)/.exec(String(line))?.[1]}`;
  expect((await fetch(`${origin}/graphql`, json({ query: "{ __typename }" }))).status).toBe(401);

  const proxied = { ...server, origin };
  const [ann, bob] = [{ cookie: "session=ann" }, { cookie: "session=bob" }];
  const conversationId = await create(proxied, {}, ann);
  const watching = await watch(proxied, { conversationId }, ann);
  for (const word of ["one", "two"]) {
    await append(proxied, { conversationId, turn: says(word) }, ann);
    expect(JSON.stringify(await watching.take(1))).toContain(word);
  }
  watching.leave();
  const query = { query: "{ conversations { totalCount } }" };
  const total = async (headers: Record<string, string>) => {
    const init = json(query);
    return (await fetch(`${origin}/graphql`, { ...init, headers: { ...init.headers, ...headers } })).json();
  };
  expect(await Promise.all([total(ann), total(bob)])).toEqual(
    [1, 0].map((totalCount) => ({ data: { conversations: { totalCount } } })),
  );
});
