import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { promisify } from "node:util";

import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { generateConversation } from "../../src/seed/generate-conversation.ts";
import { SAMPLE_CONVERSATIONS } from "../../src/seed/sample-conversations.ts";
import { conversation, store, turn } from "../harness/conversations.ts";
import { post } from "../harness/graphql.ts";
import { runCommand } from "../harness/run-command.ts";
import { startTestServer, type TestServer } from "../harness/server.ts";
import { HAS_CHROMIUM, launchChromium, openPage } from "./chromium.ts";

const CODE = "Look:\n\n```js\nif (a < b) go();\n```";
const LONG = conversation("long one", {
  isolationKey: "Zoë 🙂",
  metadata: { "10": "x", "9": "y", title: 'Many "turns"' },
  revision: 400,
  turns: Array.from({ length: 230 }, (_, index) =>
    turn(`t ${index}`, { metadata: { b: "1", "2": "3" }, ...(index === 228 && { text: CODE }) }),
  ),
});
const WRITTEN = [...SAMPLE_CONVERSATIONS, LONG, ...[1, 2, 3].map((index) => generateConversation(index, "copy"))];

describe.skipIf(!HAS_CHROMIUM)("what a reader takes from the viewer (needs Chromium)", () => {
  let source: TestServer;
  let target: TestServer;
  let browser: Browser;
  beforeAll(async () => {
    [source, target] = await Promise.all([startTestServer(), startTestServer()]);
    await store(source.database, WRITTEN);
    browser = await launchChromium();
  });
  afterAll(async () => {
    await browser?.close();
    await source?.close();
    await target?.close();
  });

  async function open(id: string): Promise<Page> {
    const { page } = await openPage(browser, source.origin);
    await page.context().grantPermissions(["clipboard-read", "clipboard-write"], { origin: source.origin });
    await page.goto(`${source.origin}/?conversation=${encodeURIComponent(id)}`);
    await page.waitForSelector(".transcript[aria-busy=false]");
    return page;
  }

  async function download(page: Page, button: string): Promise<{ name: string; content: string }> {
    const [file] = await Promise.all([page.waitForEvent("download"), page.click(`text="${button}"`)]);
    return { name: file.suggestedFilename(), content: await readFile(await file.path(), "utf8") };
  }

  test("comes back from JSON Lines as the same conversations", async () => {
    const page = await open("long one");
    const lines: string[] = [];
    for (const { id } of WRITTEN) {
      await page.evaluate(
        (query) => {
          history.pushState(null, "", query);
          dispatchEvent(new PopStateEvent("popstate"));
        },
        `?conversation=${encodeURIComponent(id)}`,
      );
      await page.waitForSelector(`.transcript-head code:text-is("${id}")`);
      const { name, content } = await download(page, "JSON Lines");
      expect(name).toMatch(/^[\w.-]+\.jsonl$/);
      lines.push(content);
    }
    const { status } = await runCommand(target.url, ["import", "-"], lines.join(""));
    expect(status).toBe(0);
    const [before, after] = await Promise.all(
      [source, target].map(async ({ url }) => {
        const { stdout } = await runCommand(url, ["export"]);
        return stdout.split("\n").sort();
      }),
    );
    expect(after).toEqual(before);
    await page.close();
  });

  test("is a Markdown document, a turn's text, and requests that run as they are", async () => {
    const page = await open("long one");
    const { name, content } = await download(page, "Markdown");
    expect(name).toBe("long_one.md");
    expect(content).toMatch(
      /^# Many "turns"\n[\s\S]*\n## User · 2024-05-20T10:00:00.000Z\n\nthis is t 0\n[\s\S]*this is t 229\n$/,
    );

    const copy = async (what: string, said: string, place = -1) => {
      await page.locator(".turn").nth(place).locator(`text="${what}"`).last().click();
      await page.waitForSelector(`[role=status]:has-text("${said}")`, { state: "attached" });
      return (await page.evaluate("navigator.clipboard.readText()")) as string;
    };
    expect(await copy("Copy", "The turn is copied.")).toBe("this is t 229");
    expect(await copy("Copy", "The code is copied.", -2)).toBe("if (a < b) go();");
    const expected = { turn: { id: "t 229", position: 230, metadata: { b: "1", "2": "3" } } };
    const query = await copy("GraphQL", "The query is copied.");
    expect(await post(source, query)).toMatchObject({ data: expected });
    const command = await copy("curl", "The command is copied.");
    const { stdout } = await promisify(execFile)("sh", ["-c", command]);
    expect(JSON.parse(stdout)).toMatchObject({ data: expected });
    await page.close();
  });
});
