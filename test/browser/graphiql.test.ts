import { existsSync } from "node:fs";

import { type Browser, chromium, type Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { loadSamples } from "../../src/commands/samples.ts";
import { startTestServer, type TestServer } from "../harness/server.ts";

const CHROMIUM = process.env.CHROMIUM ?? "/usr/bin/chromium";

// Without these Chromium calls home at its start, which is not what is tested here.
const ARGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

describe.skipIf(!existsSync(CHROMIUM))("GraphiQL in a browser (needs Chromium)", () => {
  let server: TestServer;
  let browser: Browser;
  beforeAll(async () => {
    server = await startTestServer();
    await loadSamples(server.database);
    browser = await chromium.launch({ executablePath: CHROMIUM, args: ARGS });
  });
  afterAll(async () => {
    await browser?.close();
    await server?.close();
  });

  async function open(): Promise<{ page: Page; elsewhere: string[]; problems: string[] }> {
    const page = await browser.newPage();
    const elsewhere: string[] = [];
    const problems: string[] = [];
    page.on("request", (request) => {
      if (
        !request
          .url()
          .replace(/^blob:/, "")
          .startsWith(server.origin)
      )
        elsewhere.push(request.url().slice(0, 100));
    });
    page.on("pageerror", (error) => problems.push(String(error)));
    await page.goto(`${server.origin}/graphql`);
    await page.waitForSelector(".graphiql-execute-button");
    return { page, elsewhere, problems };
  }

  test("loads from this server alone and runs its prefilled example", async () => {
    const { page, elsewhere, problems } = await open();
    const answered = page.waitForResponse(
      (response) => response.request().postData()?.includes("NewestConversations") ?? false,
    );
    await page.click(".graphiql-execute-button");
    const { data } = await (await answered).json();
    expect(data.conversations.nodes.length).toBe(5);
    await page.waitForSelector(".result-window >> text=totalCount");
    expect(elsewhere.filter((url) => !url.startsWith("data:"))).toEqual([]);
    expect(problems).toEqual([]);
  });
});
