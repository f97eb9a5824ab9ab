import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { loadSamples } from "../../src/commands/samples.ts";
import { startTestServer, type TestServer } from "../harness/server.ts";
import { HAS_CHROMIUM, launchChromium } from "./chromium.ts";
import { findBarriers, openViewer } from "./viewer.ts";

describe.skipIf(!HAS_CHROMIUM)("the viewer is for everyone (needs Chromium)", () => {
  let server: TestServer;
  let browser: Browser;
  beforeAll(async () => {
    server = await startTestServer();
    browser = await launchChromium();
  });
  afterAll(async () => {
    await browser?.close();
    await server?.close();
  });

  test("says how to begin where nothing is stored", async () => {
    const { page } = await openViewer(browser, server.origin);
    await page.waitForSelector(".empty >> text=npm run import -- conversations.json");
    expect(await findBarriers(page)).toEqual([]);
    await page.close();
    await loadSamples(server.database);
  });

  test.each([
    ["light", 1440],
    ["dark", 1440],
    ["light", 390],
    ["dark", 390],
  ] as const)("axe finds nothing: %s, %i px wide", async (colorScheme, width) => {
    const { page } = await openViewer(browser, server.origin, "?agent=support-agent");
    await page.emulateMedia({ colorScheme });
    await page.setViewportSize({ width, height: 844 });
    expect(await findBarriers(page)).toEqual([]);
    await page.fill(".search input", "the");
    await page.waitForSelector("mark");
    expect(await findBarriers(page)).toEqual([]);
    expect(await page.evaluate("document.documentElement.scrollWidth - innerWidth")).toBe(0);
    await page.close();
  });

  test("shows one pane at a time on a phone, and leads back to the list", async () => {
    const { page } = await openViewer(browser, server.origin);
    await page.setViewportSize({ width: 390, height: 844 });
    expect(await page.locator(".transcript-pane").isVisible()).toBe(false);
    await page.click(".row");
    await page.waitForSelector(".back");
    expect(await page.locator(".list-pane").isVisible()).toBe(false);
    await page.click(".back");
    await page.waitForSelector(".row");
    await page.close();
  });

  test("says that the server is away, and goes on when it is back", async () => {
    const { page } = await openViewer(browser, server.origin);
    await page.context().setOffline(true);
    await page.click("text=Filters");
    await page.selectOption("select[name=state]", "ERROR");
    await page.waitForSelector("[role=alert] >> text=The server does not answer.");
    await page.context().setOffline(false);
    await page.click("text=Try again");
    await page.waitForSelector(".row >> text=Answer withheld");
    await page.close();
  });
});
