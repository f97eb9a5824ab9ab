import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

import { expect, onTestFinished, test } from "vitest";

import { startTestServer } from "../harness/server.ts";

const MODULES = fileURLToPath(new URL("../../node_modules", import.meta.url));

// What a page does: it makes a conversation, and watches it while turns are added, for longer than its token lasts.
const DRIVER = `
import { ask, watchTurns } from "./page.ts";
const made = await ask("mutation { createConversation(input: {}) { conversation { id user } } }");
const { id: conversationId, user } = made.data.createConversation.conversation;
const append = "mutation ($input: AppendTurnInput!) { appendTurn(input: $input) { turn { id } } }";
const say = () => ask(append, { input: { conversationId, turn: { role: "USER", messages: [{ text: { content: "hi" } }] } } });
const until = Date.now() + 4000;
await say();
const seen = [];
for await (const { revision } of watchTurns(conversationId, 0)) {
  seen.push(revision);
  if (Date.now() > until) break;
  setTimeout(say, 500);
}
console.log(JSON.stringify({ user, seen }));
process.exit();
`;

test("a page asks with tokens that a backend signs, and watches on with a new one when its token ends", async () => {
  const folder = await mkdtemp(join(tmpdir(), "conversation-graph-"));
  const secret = join(folder, "token-secret");
  await writeFile(secret, randomBytes(32).toString("hex"));
  const server = await startTestServer({ AUTH_JWT_SECRET_FILE: secret });
  await symlink(MODULES, join(folder, "node_modules"));
  const page = await readFile(new URL("README.md", import.meta.url), "utf8");
  const lay = async (name: string, change: (text: string) => string) => {
    const [, text = ""] = new RegExp(`^\`\`\`ts src/${name}\n(.*?)^\`\`\`$`, "ms").exec(page) ?? [];
    await writeFile(join(folder, name), change(text));
    return join(folder, name);
  };
  // The clocks may be five seconds apart: such a token lasts for two.
  const signer = spawn(process.execPath, [await lay("sign-tokens.ts", (text) => text.replace('"10m"', '"-3s"'))], {
    env: { PATH: process.env.PATH, PORT: "0", AUTH_JWT_SECRET_FILE: secret },
  });
  onTestFinished(async () => {
    signer.kill();
    await server.close();
    await rm(folder, { recursive: true });
  });
  const [line = ""] = await once(createInterface(signer.stdout), "line");
  const port = /port: (\d+)/.exec(String(line))?.[1];
  await lay("page.ts", (text) =>
    text
      .replace("http://127.0.0.1:4000", server.origin)
      .replace("http://127.0.0.1:3000", `http://127.0.0.1:${port}`)
      .replace('credentials: "include"', 'headers: { cookie: "session=ann" }'),
  );
  await writeFile(join(folder, "driver.ts"), DRIVER);
  const driver = spawn(process.execPath, [join(folder, "driver.ts")]);
  driver.stderr.pipe(process.stderr);
  const [result] = await once(createInterface(driver.stdout), "line");
  const { user, seen }: { user: string; seen: number[] } = JSON.parse(String(result));
  expect(user).toBe("ann");
  expect(seen).toEqual(seen.map((_revision, index) => index + 1));
  expect(seen.length).toBeGreaterThan(3);
});
