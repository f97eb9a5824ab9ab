import { availableParallelism, loadavg } from "node:os";

import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { loadSamples } from "../../src/commands/samples.ts";
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
    await page.waitForSelector(showing("NewestConversations"));
  }

  const showing = (text: string) => `.graphiql-query-editor .view-line >> text=${text}`;

  test("loads from this server alone and runs each of its prefilled examples", async () => {
    const { page, elsewhere, problems } = await open();
    for (const [name, shown] of [
      ["NewestConversations", "totalCount"],
      ["ConversationsThatCalledAFunction", "updatedAt"],
    ] as const) {
      await page.click(`.graphiql-tab-button >> text=${name}`);
      await page.waitForSelector(showing(name));
      const answered = page.waitForResponse((response) => response.request().postData()?.includes(name) ?? false);
      // After a change of tabs GraphiQL still looks for the operation of the one before, until it has parsed the new text.
      const run = async () => {
        await page.click(".graphiql-execute-button");
        return page.locator(`.result-window >> text=${shown}`).count();
      };
      await expect.poll(run, { timeout: 20_000, interval: 1000 }).toBeGreaterThan(0);
      const { data, errors } = await (await answered).json();
      expect(errors).toBeUndefined();
      expect((data.conversations.nodes ?? data.conversations.edges).length).toBeGreaterThan(3);
    }
    expect([elsewhere, problems]).toEqual([[], []]);
  });

  test("opens on the query of a link, beside its examples", async () => {
    const { page } = await openPage(browser, server.origin);
    await page.goto(`${server.origin}/graphql?${new URLSearchParams({ query: "query Linked { __typename }" })}`);
    await page.waitForSelector(showing("query Linked"));
    expect(await page.locator(".graphiql-tab-button").allTextContents()).toEqual([
      "Linked",
      "NewestConversations",
      "ConversationsThatCalledAFunction",
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
    const times: number[] = [];
    // All are first visits, because a machine with other work is late, never early.
    for (const _visit of [1, 2, 3]) {
      const { page, answered, forget } = await openPage(browser, server.origin);
      const complete = () =>
        expect
          .poll(() => answered().map(({ path }) => path), { timeout: 60_000 })
          .toEqual(expect.arrayContaining(["/graphql", ...FILES]));
      const began = performance.now();
      await load(page);
      times.push(performance.now() - began);
      await complete();
      expect(totalBytes(answered())).toBeLessThan(3_000_000);

      forget();
      await load(page);
      await complete();
      const files = answered().filter(({ path }) => path.startsWith("/graphql/"));
      expect(files.filter(({ status }) => status !== 304)).toEqual([]);
      expect(totalBytes(answered())).toBeLessThan(100_000);
      expect(await page.locator(".graphiql-tab").count()).toBe(2);
      await page.close();
    }
    // The two seconds are those of a browser with a processor to itself.
    const share = Math.max(1, (loadavg()[0] ?? 0) / availableParallelism());
    expect(Math.min(...times)).toBeLessThan(2000 * share);
  });
});
