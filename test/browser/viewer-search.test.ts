import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { loadSamples } from "../../src/commands/samples.ts";
import { ask } from "../harness/graphql.ts";
import { startTestServer, type TestServer } from "../harness/server.ts";
import { HAS_CHROMIUM, launchChromium } from "./chromium.ts";
import { openViewer } from "./viewer.ts";

const HOSTILE = `Hostile: <script>document.title = "run"</script><img src=x onerror="document.title='run'"> ${"long".repeat(2500)} \u202eright to left`;

describe.skipIf(!HAS_CHROMIUM)("the viewer's filters, search and keyboard (needs Chromium)", () => {
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

  const urlOf = (page: Page) => new URL(page.url());
  const names = (page: Page) => page.locator(".row-name").allTextContents();
  const reads = (page: Page, count: string) => page.waitForSelector(`.list-status >> text=${count}`);

  test("filters by each condition, alone and together; the URL, back and reload keep them", async () => {
    const { page, problems } = await openViewer(browser, server.origin);
    await reads(page, "12 conversations");
    await page.click("text=Filters");
    await page.waitForSelector("select[name=agent] option:text-is('support-agent (6)')", { state: "attached" });
    await page.selectOption("select[name=agent]", "support-agent");
    await reads(page, "6 conversations");
    await page.selectOption("select[name=state]", "ERROR");
    await reads(page, "1 conversation");
    await expect.poll(() => names(page)).toEqual(["Answer withheld"]);
    expect(urlOf(page).search).toBe("?agent=support-agent&state=ERROR");
    await page.reload();
    await reads(page, "1 conversation");
    await page.goBack();
    await reads(page, "6 conversations");
    expect(await page.locator("select[name=state]").inputValue()).toBe("");
    await page.click("text=Clear filters");
    await reads(page, "12 conversations");

    await page.fill("input[name=function]", "refundPayment");
    await page.press("input[name=function]", "Enter");
    await reads(page, "1 conversation");
    // The count and the rows are asked for side by side.
    await expect.poll(() => names(page)).toEqual(["Double charge on an invoice"]);
    await page.fill("input[name=function]", "");
    await page.fill("textarea[name=metadata]", "channel=web");
    await page.focus("input[name=user]");
    await expect.poll(() => urlOf(page).search).toBe("?metadata=channel%3Dweb");
    const { conversations } = await ask(
      server,
      '{ conversations(filter: { metadata: [{ key: "channel", value: "web" }] }) { totalCount } }',
    );
    await reads(page, `${conversations.totalCount} conversation`);
    await page.fill("textarea[name=metadata]", "");
    await page.fill("input[name=from]", "2030-01-01");
    await page.waitForSelector("text=No conversation meets these filters.");
    await page.click(".empty >> text=Clear filters");
    await page.fill("input[name=user]", "no such user");
    await page.press("input[name=user]", "Enter");
    await reads(page, "0 conversations");
    expect(problems).toEqual([]);
    await page.close();
  });

  test("says what is wrong with a URL that a person wrote", async () => {
    const { page } = await openViewer(browser, server.origin, "?from=yesterday");
    await page.waitForSelector("[role=alert] >> text=filter.updatedFrom");
    await page.close();
  });

  test("finds words, marks them, and opens the turn at its place", async () => {
    const { page, problems } = await openViewer(browser, server.origin);
    await page.keyboard.press("/");
    await page.keyboard.type("refund appr");
    await page.waitForSelector("mark");
    await expect.poll(() => page.locator("mark").allTextContents()).toEqual(["refund", "approval"]);
    await reads(page, "1 turn");
    const { searchTurns } = await ask(
      server,
      '{ searchTurns(search: "refund appr") { nodes { id conversation { id } } } }',
    );
    const [{ id, conversation }] = searchTurns.nodes;
    await page.click(".row");
    expect([...urlOf(page).searchParams]).toEqual([
      ["conversation", conversation.id],
      ["turn", id],
      ["search", "refund appr"],
    ]);
    await page.goBack();
    expect([...urlOf(page).searchParams]).toEqual([["search", "refund appr"]]);
    await page.goBack();
    await reads(page, "12 conversations");
    expect(await page.locator(".search input").inputValue()).toBe("");
    await page.goForward();
    await page.waitForSelector("mark");
    await page.fill(".search input", "xylophone");
    await page.waitForSelector("text=No turn has these words.");
    expect(problems).toEqual([]);
    await page.close();
  });

  test("goes by keys: down, up, open, close, out of the search", async () => {
    const { page } = await openViewer(browser, server.origin);
    const focused = () => page.evaluate("document.activeElement?.querySelector('.row-name')?.textContent ?? null");
    await expect.poll(() => names(page)).toHaveLength(12);
    const [first, second, third] = await names(page);
    for (const key of ["j", "j", "j", "k"]) await page.keyboard.press(key);
    expect(await focused()).toBe(second);
    await page.keyboard.press("Enter");
    await page.waitForSelector(`.row[aria-current] >> text=${second}`);
    await page.keyboard.press("j");
    expect(await focused()).toBe(third);
    await page.keyboard.press("k");
    await page.keyboard.press("Escape");
    await expect.poll(() => urlOf(page).search).toBe("");
    await expect.poll(focused).toBe(second);
    await page.keyboard.press("/");
    await page.keyboard.type("jk");
    await expect.poll(() => urlOf(page).search).toBe("?search=jk");
    await page.keyboard.press("Escape");
    await expect.poll(() => urlOf(page).search).toBe("");
    await page.keyboard.press("Escape");
    await reads(page, "12 conversations");
    await page.keyboard.press("j");
    expect(await focused()).toBe(first);
    await page.close();
  });

  test("shows hostile text as text, in the list and among hits", async () => {
    const input = {
      metadata: [{ key: "title", value: HOSTILE.slice(0, 300) }],
      turns: [{ role: "USER", messages: [{ text: { content: HOSTILE } }] }],
    };
    await ask(
      server,
      "mutation ($input: CreateConversationInput!) { createConversation(input: $input) { conversation { id } } }",
      { input },
    );
    const { page, problems } = await openViewer(browser, server.origin);
    await reads(page, "13 conversations");
    await expect.poll(async () => (await names(page))[0]).toBe(HOSTILE.slice(0, 300));
    await page.fill(".search input", "hostile");
    await page.waitForSelector("mark:text-is('Hostile')");
    expect(await page.title()).toBe("Conversations");
    expect(await page.evaluate("document.documentElement.scrollWidth - innerWidth")).toBe(0);
    expect(problems).toEqual([]);
    await page.close();
  });
});
