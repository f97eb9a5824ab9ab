import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { createKey } from "../../src/store/keys/keys.ts";
import { ask } from "../harness/graphql.ts";
import { startTestServer, type TestServer } from "../harness/server.ts";
import { HAS_CHROMIUM, launchChromium } from "./chromium.ts";
import { findBarriers, openViewer } from "./viewer.ts";

describe.skipIf(!HAS_CHROMIUM)("the viewer where there are keys (needs Chromium)", () => {
  let server: TestServer;
  let browser: Browser;
  let projectKey: string;
  let userKey: string;
  beforeAll(async () => {
    server = await startTestServer();
    browser = await launchChromium();
    for (const user of ["änn 京", "ben"]) await create(user);
    projectKey = await createKey(server.database, "default", "project", null);
    userKey = await createKey(server.database, "default", "user", null);
  });
  afterAll(async () => {
    await browser?.close();
    await server?.close();
  });

  const create = (user: string) =>
    ask(
      server,
      "mutation ($input: CreateConversationInput!) { createConversation(input: $input) { conversation { id } } }",
      { input: { metadata: [{ key: "title", value: `A conversation of ${user}` }] } },
      { "x-ms-user-isolation-key": Buffer.from(user).toString("latin1") },
    );

  test("asks for a key, and for a user where the key is for one; shows no other user's; forgets both", async () => {
    await expect.poll(async () => (await fetch(`${server.origin}/openai/v1/conversations`)).status).toBe(401);
    const { page, problems } = await openViewer(browser, server.origin);
    await page.waitForSelector("[role=alert]:text-is('This server asks for a key.')");
    expect(await findBarriers(page)).toEqual([]);
    await page.fill("input[name=key]", "cg_wrong");
    await page.press("input[name=key]", "Enter");
    await page.waitForSelector("text=This key is not valid, or not any more.");
    await page.fill("input[name=key]", userKey);
    await page.press("input[name=key]", "Enter");
    await page.waitForSelector("text=name the user");
    await page.fill("input[name=user]", "änn 京");
    await page.press("input[name=user]", "Enter");
    await page.waitForSelector("text=1 conversation");
    await expect.poll(() => page.locator(".row-name").allTextContents()).toEqual(["A conversation of änn 京"]);
    await page.reload();
    await page.waitForSelector(".row >> text=A conversation of änn 京");

    const kept = JSON.stringify(
      await page.evaluate("[{ ...localStorage }, document.cookie, history.state, location.href]"),
    );
    for (const secret of [userKey, "cg_wrong", "änn", encodeURIComponent("änn")]) expect(kept).not.toContain(secret);
    const opened = page.context().waitForEvent("page");
    await page.evaluate("void window.open('/', '', 'noopener')");
    const other = await opened;
    await other.waitForSelector("text=This server asks for a key.");
    await other.close();

    await page.click("text=Forget key");
    await page.waitForSelector("text=This server asks for a key.");
    expect(await page.evaluate("sessionStorage.length")).toBe(0);
    // Refusals are errors of the browser's console, which says so of each.
    expect(problems.filter((problem) => !/status of 40[01]/.test(problem))).toEqual([]);
    await page.close();
  });

  test("shows all users' with a key of the project, until that is revoked", async () => {
    const { page } = await openViewer(browser, server.origin);
    await page.fill("input[name=key]", projectKey);
    await page.press("input[name=key]", "Enter");
    await page.waitForSelector("text=2 conversations");
    await page.close();
  });
});
