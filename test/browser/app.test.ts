import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { loadSamples } from "../../src/commands/samples.ts";
import { ask } from "../harness/graphql.ts";
import { startTestServer, type TestServer } from "../harness/server.ts";
import { startTwin, type Twin } from "../harness/twin.ts";
import { append, create, says, words } from "../harness/writes.ts";
import { type App, startApp } from "./app.ts";
import { HAS_CHROMIUM, launchChromium } from "./chromium.ts";

// It generates, type-checks and builds, on a machine that other tests use too.
const TIME = 180_000;

describe.skipIf(!HAS_CHROMIUM)("an inbox made with Vite, React, urql and the client preset (needs Chromium)", () => {
  let server: TestServer;
  let browser: Browser;
  /** The one that the page calls. */
  let watched: Twin;
  let app: App;
  let page: Page;
  const problems: string[] = [];
  beforeAll(async () => {
    server = await startTestServer();
    await loadSamples(server.database);
    watched = await startTwin(server);
    app = await startApp(watched.origin);
    browser = await launchChromium();
    page = await browser.newPage();
    page.setDefaultTimeout(20_000);
    page.on("console", (message) => {
      if (["error", "warning"].includes(message.type())) problems.push(message.text());
    });
    page.on("pageerror", (error) => problems.push(String(error)));
    // Another origin than the server's.
    await page.goto(app.url);
  }, TIME);
  afterAll(async () => {
    await browser?.close();
    await app?.close();
    await watched?.close();
    await server?.close();
  });

  test("type-checks against the server's schema", () => expect(app.faults).toBe(""));

  const rows = () => page.locator("[aria-label=Conversations] > li");
  const titles = () => page.locator("[aria-label=Conversations] > li > button:first-child").allTextContents();
  const said = () => page.locator("section li");
  const fill = async (form: string, text: string) => {
    await page.fill(`form[aria-label=${form}] input`, text);
    await page.press(`form[aria-label=${form}] input`, "Enter");
  };
  const DELETE = "mutation ($id: ID!) { deleteConversation(input: { id: $id }) { deletedConversationId } }";
  const RENAME =
    'mutation ($id: ID!, $title: String!) { updateConversation(input: { id: $id, setMetadata: [{ key: "title", value: $title }] }) { conversation { id } } }';

  test("pages to the end, opens, sends, hears what others say, renames and deletes", { timeout: TIME }, async () => {
    await expect.poll(() => rows().count(), { timeout: 20_000 }).toBe(5);
    await page.click("text=More");
    await expect.poll(() => rows().count()).toBe(10);
    await page.click("text=More");
    await expect.poll(() => rows().count()).toBe(12);

    await page.click("button:text-is('Precise numbers')");
    await page.waitForSelector("h1:text-is('Precise numbers')");
    await page.waitForSelector("section li");
    const before = await said().count();
    // What is sent stands there before the server has it, and once when it has.
    let arrive = () => {};
    const held = new Promise<void>((resolve) => {
      arrive = resolve;
    });
    await page.route(`${watched.origin}/graphql`, async (route) => {
      if (route.request().postData()?.includes("mutation Send")) await held;
      await route.continue();
    });
    await fill("Send", "And in words?");
    await page.waitForSelector("section li:has-text('And in words?')");
    const id = await idOf("Precise numbers");
    expect(await turnsOf(id)).toBe(before);
    arrive();
    await expect.poll(() => turnsOf(id)).toBe(before + 1);
    await append(server, { conversationId: id, turn: { role: "ASSISTANT", messages: [words("Many.")] } });
    await page.waitForSelector("section li:has-text('Many.')");
    expect(await said().count()).toBe(before + 2);

    await fill("Rename", "Exact numbers");
    await page.waitForSelector("li button:text-is('Exact numbers')");
    await page.waitForSelector("h1:text-is('Exact numbers')");
    await page.click("button[aria-label='Delete Answer withheld']");
    await expect.poll(() => rows().count()).toBe(11);
    expect(problems).toEqual([]);
  });

  test("the list follows what others write, also after the connection was away", { timeout: TIME }, async () => {
    const id = await create(server, { metadata: [{ key: "title", value: "Of others" }], turns: [says("Anyone?")] });
    await expect.poll(titles).toEqual(expect.arrayContaining(["Of others"]));
    expect((await titles()).slice(0, 2)).toEqual(["Of others", "Exact numbers"]);
    await append(server, { conversationId: await idOf("Wo ist mein Paket?"), turn: says("Danke!") });
    await expect.poll(async () => (await titles())[0]).toBe("Wo ist mein Paket?");
    await ask(server, RENAME, { id, title: "Of friends" });
    await expect.poll(async () => (await titles()).slice(0, 2)).toEqual(["Wo ist mein Paket?", "Of friends"]);
    await page.click("button:text-is('Of friends')");
    await page.waitForSelector("section li:has-text('Anyone?')");
    await ask(server, DELETE, { id });
    await page.waitForSelector("text=This conversation is gone.");
    expect(await rows().count()).toBe(11);

    await page.click("button:text-is('Why is the sky blue?')");
    await page.waitForSelector("section h1:text-is('Why is the sky blue?')");
    // It comes back as another process, after changes through the first server.
    await watched.close();
    await ask(server, DELETE, { id: await idOf("Wo ist mein Paket?") });
    await append(server, { conversationId: await idOf("Why is the sky blue?"), turn: says("Thanks!") });
    watched = await startTwin(server, new URL(watched.origin).port);
    await expect
      .poll(async () => [...(await titles()).slice(0, 2), await rows().count()], { timeout: 20_000 })
      .toEqual(["Why is the sky blue?", "Exact numbers", 10]);
    await page.waitForSelector("section li:has-text('Thanks!')");
    expect(problems.filter((text) => !text.includes("ERR_CONNECTION_REFUSED"))).toEqual([]);
  });

  test("a search marks its words, and opens the turn that has them", { timeout: TIME }, async () => {
    const turns = Array.from({ length: 12 }, (_, index) =>
      says(index === 1 ? "Is 🦓 “zebra” striped?" : `Turn ${index}`),
    );
    await create(server, { metadata: [{ key: "title", value: "Stripes" }], turns });
    await fill("Search", "zebra strip");
    await expect.poll(() => page.locator("mark").allTextContents()).toEqual(["zebra", "striped"]);
    await page.click("[aria-label=Hits] button:text-is('Stripes')");
    await page.waitForSelector("section li[aria-current=true]:has-text('zebra')");
    // Pages of five, read back to where it is.
    expect(await said().count()).toBe(12);
    await fill("Search", "?");
    await page.waitForSelector("search [role=alert]:has-text('at least one word')");
  });

  const idOf = async (title: string): Promise<string> => {
    const filter = { metadata: [{ key: "title", value: title }] };
    const query = "query ($filter: ConversationFilter) { conversations(filter: $filter) { nodes { id } } }";
    return (await ask(server, query, { filter })).conversations.nodes[0].id;
  };
  const turnsOf = async (id: string): Promise<number> =>
    (await ask(server, "query ($id: ID!) { conversation(id: $id) { turns { totalCount } } }", { id })).conversation
      .turns.totalCount;
});
