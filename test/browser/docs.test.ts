import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { loadSamples } from "../../src/commands/samples.ts";
import { createKey } from "../../src/store/keys/keys.ts";
import { startTestServer, type TestServer } from "../harness/server.ts";
import { HAS_CHROMIUM, launchChromium, openPage, totalBytes, type Watched } from "./chromium.ts";

const TIME = { timeout: 120_000 };

describe.skipIf(!HAS_CHROMIUM)("the documents of the REST lists in a browser (needs Chromium)", TIME, () => {
  let server: TestServer;
  let browser: Browser;
  // One for most tests: it takes seconds of processor time to open.
  let opened: Watched;
  beforeAll(async () => {
    server = await startTestServer();
    await loadSamples(server.database);
    browser = await launchChromium();
    opened = await open(server.origin);
  });
  afterAll(async () => {
    await browser?.close();
    await server?.close();
  });

  async function open(origin: string): Promise<Watched> {
    const watched = await openPage(browser, origin);
    await watched.page.goto(`${origin}/docs`);
    await watched.page.waitForSelector(".opblock");
    return watched;
  }

  /** Sends the request of the operation as the form has it, and gives back its answer. */
  async function execute(page: Page, operation: string, path: string) {
    const block = `[id$="-${operation}"]`;
    if (!(await page.isVisible(`${block} button.execute`))) await page.click(`${block} .opblock-summary-control`);
    const answered = page.waitForResponse((response) => new URL(response.url()).pathname === path);
    await page.click(`${block} button.execute`);
    const { status, json } = await answered.then((response) => ({ status: response.status(), json: response.json() }));
    await page.waitForSelector(`${block} .live-responses-table .response-col_status >> text=${status}`);
    return { status, body: await json };
  }

  test("come once, and later only when they have changed", async () => {
    const { page, answered, forget } = opened;
    const paths = ["/docs", "/docs/swagger-ui.css", "/docs/swagger-ui-bundle.js", "/docs/start.js", "/openapi.json"];
    expect(answered().map(({ path, status }) => [path, status])).toEqual(
      expect.arrayContaining(paths.map((path) => [path, 200])),
    );
    expect(totalBytes(answered())).toBeLessThan(1_000_000);
    forget();
    await page.reload();
    await page.waitForSelector(".opblock");
    expect(answered().map(({ path, status }) => [path, status])).toEqual(
      expect.arrayContaining(paths.map((path) => [path, 304])),
    );
    expect(totalBytes(answered())).toBeLessThan(10_000);
  });

  test("follow the browser's dark mode, and show each error with an example of its status", async () => {
    const { page, problems } = opened;
    const dark = () => page.locator("html.dark-mode").count();
    expect(await dark()).toBe(0);
    await page.emulateMedia({ colorScheme: "dark" });
    await expect.poll(dark).toBe(1);
    await page.click('[id$="-listAgentConversations"] .opblock-summary-control');
    const shown = page.locator('[id$="-listAgentConversations"] tr.response[data-code="503"] .highlight-code');
    expect(JSON.parse((await shown.textContent()) ?? "")).toMatchObject({ status: 503, title: "Service Unavailable" });
    expect(problems).toEqual([]);
  });

  test("load from this server alone, list every operation, and try them out", async () => {
    const { page, elsewhere, problems } = opened;
    // Nine at each of five mounts, and two of Fixie.
    expect(await page.locator(".opblock-summary-path").count()).toBe(47);
    const foundry = await execute(page, "listConversations", "/openai/v1/conversations");
    expect([foundry.status, foundry.body.data.length]).toEqual([200, 12]);
    const fixie = await execute(page, "listAgentConversations", "/api/v1/agents/support-agent%3A2/conversations");
    expect([fixie.status, fixie.body.conversations.length]).toEqual([200, 1]);
    expect([elsewhere, problems]).toEqual([[], []]);
  });

  test("take a key once there are any, in either of its places", async () => {
    const closed = await startTestServer();
    try {
      const key = await createKey(closed.database, "shop", "project", null);
      const { page } = await open(closed.origin);
      const list = () => execute(page, "listProjectConversations", "/api/projects/default/openai/v1/conversations");
      for (const field of ["#auth-bearer-value", "#api_key_value"]) {
        // The field of a user's token has the same id, and comes behind the key's.
        const place = page.locator(".auth-container", { has: page.locator(field) }).first();
        expect((await list()).status).toBe(401);
        await page.click("button.authorize");
        await page.fill(field, key);
        await place.locator("button.authorize").click();
        await page.click(".close-modal");
        // The key opens another project than the form's.
        expect((await list()).status).toBe(404);
        expect((await execute(page, "listConversations", "/openai/v1/conversations")).status).toBe(200);
        await page.click("button.authorize");
        await page.locator(".auth-container button", { hasText: "Logout" }).click();
        await page.click(".close-modal");
      }
      await page.close();
    } finally {
      await closed.close();
    }
  });
});
