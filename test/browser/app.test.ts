import { execFile } from "node:child_process";
import { cp, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { loadSamples } from "../../src/commands/samples.ts";
import { ask } from "../harness/graphql.ts";
import { startTestServer, type TestServer } from "../harness/server.ts";
import { HAS_CHROMIUM, launchChromium } from "./chromium.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

// It generates, type-checks and builds, on a machine that other tests use too.
const TIME = 180_000;

/** Builds the app in a folder of its own against the server, as its developer would. Resolves to what the type checker finds. */
async function buildApp(folder: string, origin: string): Promise<string> {
  await cp(join(ROOT, "test/clients/app"), folder, { recursive: true });
  await symlink(join(ROOT, "node_modules"), join(folder, "node_modules"));
  await writeFile(join(folder, "package.json"), '{ "type": "module" }');
  await writeFile(join(folder, "schema.graphql"), await (await fetch(`${origin}/schema.graphql`)).text());
  const run = (program: string, ...args: string[]) =>
    promisify(execFile)(join(ROOT, "node_modules/.bin", program), args, {
      cwd: folder,
      env: { ...process.env, NODE_ENV: "production", VITE_ORIGIN: origin },
    });
  await run("graphql-codegen");
  const faults = await run("tsc").then(
    () => "",
    (error: { stdout: string }) => error.stdout,
  );
  await run("vite", "build", "--target", "esnext");
  return faults;
}

describe.skipIf(!HAS_CHROMIUM)("an inbox made with Vite, React, urql and the client preset (needs Chromium)", () => {
  let server: TestServer;
  let browser: Browser;
  let folder: string;
  let page: Page;
  let faults: string;
  let close = async () => {};
  const problems: string[] = [];
  beforeAll(async () => {
    server = await startTestServer();
    await loadSamples(server.database);
    folder = await mkdtemp(join(tmpdir(), "conversation-graph-"));
    faults = await buildApp(folder, server.origin);
    const { preview } = await import("vite");
    const site = await preview({ root: folder, preview: { host: "127.0.0.1", port: 0 }, logLevel: "silent" });
    close = () => site.close();
    browser = await launchChromium();
    page = await browser.newPage();
    page.setDefaultTimeout(20_000);
    page.on("console", (message) => {
      if (["error", "warning"].includes(message.type())) problems.push(message.text());
    });
    page.on("pageerror", (error) => problems.push(String(error)));
    // Another origin than the server's.
    await page.goto(site.resolvedUrls?.local[0] ?? "");
  }, TIME);
  afterAll(async () => {
    await browser?.close();
    await close();
    await server?.close();
    await rm(folder, { recursive: true, force: true });
  });

  test("type-checks against the server's schema", () => expect(faults).toBe(""));

  test("pages to the end, opens, sends, hears what others say, renames and deletes", { timeout: TIME }, async () => {
    const rows = page.locator("main > ul > li");
    await expect.poll(() => rows.count(), { timeout: 20_000 }).toBe(5);
    await page.click("text=More");
    await expect.poll(() => rows.count()).toBe(10);
    await page.click("text=More");
    await expect.poll(() => rows.count()).toBe(12);

    await page.click("button:text-is('Precise numbers')");
    await page.waitForSelector("h1:text-is('Precise numbers')");
    const said = page.locator("section li");
    await page.waitForSelector("section li");
    const before = await said.count();
    await page.fill("form[aria-label=Send] input", "And in words?");
    await page.press("form[aria-label=Send] input", "Enter");
    await page.waitForSelector("section li:has-text('And in words?')");
    const { conversations } = await ask(
      server,
      "{ conversations(first: 1, orderBy: { field: UPDATED_AT }) { nodes { id title } } }",
    );
    const [{ id, title }] = conversations.nodes;
    expect(title).toBe("Precise numbers");
    await ask(
      server,
      'mutation ($id: ID!) { appendTurn(input: { conversationId: $id, turn: { role: ASSISTANT, messages: [{ text: { content: "Many." } }] } }) { turn { id } } }',
      { id },
    );
    await page.waitForSelector("section li:has-text('Many.')");
    // Each once, though what was sent is heard of as well.
    expect(await said.count()).toBe(before + 2);

    await page.fill("form[aria-label=Rename] input", "Exact numbers");
    await page.press("form[aria-label=Rename] input", "Enter");
    await page.waitForSelector("li button:text-is('Exact numbers')");
    await page.waitForSelector("h1:text-is('Exact numbers')");
    await page.click("button[aria-label='Delete Answer withheld']");
    await expect.poll(() => rows.count()).toBe(11);
    expect(problems).toEqual([]);
  });
});
