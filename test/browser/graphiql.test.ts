import { availableParallelism, loadavg } from "node:os";

import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { loadSamples } from "../../src/commands/samples.ts";
import { createKey } from "../../src/store/keys/keys.ts";
import { startTestServer, type TestServer } from "../harness/server.ts";
import { HAS_CHROMIUM, launchChromium, openPage, totalBytes } from "./chromium.ts";

const FILES = [
  "workers.js",
  "graphiql.js",
  "start.js",
  "graphiql.css",
  "editorWorkerService.worker.js",
  "json.worker.js",
  "graphql.worker.js",
].map((file) => `/graphql/${file}`);

// Nine megabytes of scripts take long on a machine that has much else to do.
const TIME = { timeout: 120_000 };

describe.skipIf(!HAS_CHROMIUM)("GraphiQL in a browser (needs Chromium)", TIME, () => {
  let server: TestServer;
  let browser: Browser;
  beforeAll(async () => {
    server = await startTestServer();
    await loadSamples(server.database);
    browser = await launchChromium();
  });
  afterAll(async () => {
    await browser?.close();
    await server?.close();
  });

  /** Opens GraphiQL, and resolves once its first example can be read and run. */
  async function open() {
    const watched = await openPage(browser, server.origin);
    await load(watched.page);
    return watched;
  }

  async function load(page: Page): Promise<void> {
    await page.goto(`${server.origin}/graphql`);
    await page.waitForSelector(showing("query Inbox"));
  }

  const showing = (text: string) => `.graphiql-query-editor .view-line >> text=${text}`;

  /** Opens the tab, with these variables where they are given, and runs it until its result shows the text. */
  async function run(page: Page, name: string, shown: string, variables?: object): Promise<void> {
    // By the keyboard: a tab moves under the mouse while it is pressed.
    await page.press(`.graphiql-tab-button >> text=${name}`, "Enter");
    await page.waitForSelector(showing(name));
    if (variables !== undefined) {
      await page.click('.graphiql-editor-tools button:has-text("Variables")');
      await page.click(".graphiql-editor-tool .monaco-editor >> visible=true");
      await page.keyboard.press("Control+A");
      await page.keyboard.insertText(JSON.stringify(variables));
      // What the editor closed of the text by itself.
      await page.keyboard.press("Control+Shift+End");
      await page.keyboard.press("Delete");
    }
    // After a change of tabs GraphiQL still looks for the operation of the one before, until it has parsed the new text.
    const press = async () => {
      await page.click(".graphiql-execute-button");
      return page.locator(`.result-window >> text=${shown}`).count();
    };
    await expect.poll(press, { timeout: 20_000, interval: 1000 }).toBeGreaterThan(0);
  }

  test("loads from this server alone and runs each of its prefilled examples, with what the one before answered", async () => {
    const { page, elsewhere, problems } = await open();
    const widest = () =>
      page.locator(".graphiql-query-editor .view-lines").evaluate((lines) => lines.scrollWidth - lines.clientWidth);
    for (const [name, shown] of [
      ["Inbox", "totalCount"],
      ["Search", "refundPayment"],
      ["OlderTurns", "hasPreviousPage"],
      ["Items", "input_text"],
    ] as const) {
      await run(page, name, shown);
      expect([name, await widest()]).toEqual([name, 0]);
    }
    const asked = page.waitForResponse((response) => response.request().postData()?.includes("mutation Ask") ?? false);
    await run(page, "Ask", "createConversation");
    const { data } = await (await asked).json();
    const { id: conversation, turns } = data.createConversation.conversation;
    await run(page, "Answer", "DONE", { conversation, question: turns.nodes[0].id });
    await run(page, "Watch", "Yes, take one.", { conversation });
    expect([elsewhere, problems]).toEqual([[], []]);
  });

  test("shows the documentation before a key is typed, and keeps no headers", async () => {
    const closed = await startTestServer();
    try {
      await createKey(closed.database, "shop", "project", null);
      const { page } = await openPage(browser, closed.origin);
      await page.goto(`${closed.origin}/graphql`);
      await page.waitForSelector(showing("query Inbox"));
      await page.click('button[aria-label="Show Documentation Explorer"]');
      await page.waitForSelector(".graphiql-doc-explorer >> text=The conversations of AI agents with their users");
      await page.click('.graphiql-editor-tools button:has-text("Headers")');
      await page.waitForSelector('.graphiql-editor-tool .view-line:has-text("x-ms-user-isolation-key")');
      await page.click(".graphiql-editor-tool .monaco-editor >> visible=true");
      await page.keyboard.press("Control+A");
      await page.keyboard.insertText('{"api-key": "cg_secret"}');
      // What GraphiQL keeps of its tabs it writes half a second later.
      await expect.poll(() => page.evaluate(() => JSON.stringify({ ...localStorage }))).toContain("query Inbox");
      expect(await page.evaluate(() => JSON.stringify({ ...localStorage }))).not.toContain("cg_secret");
      await page.close();
    } finally {
      await closed.close();
    }
  });

  test("opens on the query of a link, beside its examples", async () => {
    const { page } = await openPage(browser, server.origin);
    await page.goto(`${server.origin}/graphql?${new URLSearchParams({ query: "query Linked { __typename }" })}`);
    await page.waitForSelector(showing("query Linked"));
    expect(await page.locator(".graphiql-tab-button").allTextContents()).toEqual([
      "Linked",
      ...["Inbox", "Search", "OlderTurns", "Items", "Ask", "Answer", "Watch"],
    ]);
    await page.click(".graphiql-execute-button");
    await page.waitForSelector(".result-window >> text=__typename");
  });

  test("completes the names of fields", async () => {
    const { page, problems } = await open();
    await page.click('button[aria-label="New tab"]');
    await page.click(".graphiql-query-editor .monaco-editor");
    await page.keyboard.type("{ conversations { total");
    await page.waitForSelector('.suggest-widget .monaco-list-row[aria-label^="totalCount"]');
    await page.keyboard.press("Enter");
    await page.waitForSelector(showing("totalCount"));
    expect(problems).toEqual([]);
  });

  test("shows the schema's documentation", async () => {
    const { page } = await open();
    await page.click('button[aria-label="Show Documentation Explorer"]');
    await page.click('.graphiql-doc-explorer a:text-is("Query")');
    await page.click('.graphiql-doc-explorer a:text-is("conversations")');
    await page.waitForSelector(".graphiql-doc-explorer >> text=The conversations that the caller sees, newest first");
  });

  test("comes first in under 2 s and 3 MB; later nothing comes that the browser has", async () => {
    // The two seconds are those of a browser with a processor to itself.
    const isQuick = (ms: number) => ms < 2000 * Math.max(1, (loadavg()[0] ?? 0) / availableParallelism());
    let quick = false;
    // Up to three first visits, because a machine with other work is late, never early.
    for (let visit = 1; visit <= 3 && !quick; visit += 1) {
      const { page, answered, forget } = await openPage(browser, server.origin);
      const complete = () =>
        expect
          .poll(() => answered().map(({ path }) => path), { timeout: 60_000 })
          .toEqual(expect.arrayContaining(["/graphql", ...FILES]));
      const began = performance.now();
      await load(page);
      quick = isQuick(performance.now() - began);
      await complete();
      expect(totalBytes(answered())).toBeLessThan(3_000_000);

      forget();
      await load(page);
      await complete();
      const files = answered().filter(({ path }) => path.startsWith("/graphql/"));
      expect(files.filter(({ status }) => status !== 304)).toEqual([]);
      expect(totalBytes(answered())).toBeLessThan(100_000);
      expect(await page.locator(".graphiql-tab").count()).toBe(7);
      await page.close();
    }
    expect(quick).toBe(true);
  });
});
