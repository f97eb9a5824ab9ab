import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { type JsonObject, parseJson } from "../../src/model/json.ts";
import type { MessageFragment } from "../../src/model/message-fragment.ts";
import { conversation, store, text, turn } from "../harness/conversations.ts";
import { startTestServer, type TestServer } from "../harness/server.ts";
import { HAS_CHROMIUM, launchChromium, openPage } from "./chromium.ts";
import { findBarriers } from "./viewer.ts";

const ARGS = parseJson('{"10":1.50,"9":12345678901234567890,"s":"</script><img src=x onerror=alert(1)>"}');
const LINES = Array.from({ length: 100_000 }, (_, index) => `line ${index}`).join("\n");

const HOSTILE = [
  "<script>alert(1)</script> <img src=x onerror=alert(2)> <b onclick=alert(3)>bold</b>",
  "<style>body { display: none }</style><iframe src=javascript:alert(4)></iframe>",
  "[one](javascript:alert(5)) [two](JaVaScRiPt&colon;alert(6)) [three](data:text/html,<script>alert(7)</script>)",
  '[four](vbscript:x) [five](/graphql?query=x) [six](https://example.com/a?b=c&d "title") <javascript:alert(8)>',
  "![picture](https://example.com/tracker.png) ![](data:image/svg+xml,<svg/onload=alert(9)>)",
  `${"w".repeat(10_000)}`,
  "# שלום\n\nمرحبا بالعالم, and English",
  '| a | b |\n|---|:-:|\n| 1 | <u>2</u> |\n\n- [x] done\n- [ ] open\n\n> quoted\n\n```js"><script>\nalert(10)\n```',
  ">".repeat(13_000),
].join("\n\n");

function call(name: string, args: unknown, callId?: string): MessageFragment {
  // Safe cast: all of these are objects.
  return { kind: "functionCall", name, args: args as JsonObject, ...(callId && { metadata: { callId } }) };
}

function response(name: string, said: string, callId?: string, failed = false): MessageFragment {
  return { kind: "functionResponse", name, response: said, failed, ...(callId && { metadata: { callId } }) };
}

const RECORDS = [
  conversation("hostile", { metadata: { title: "<script>alert(0)</script>" }, turns: [turn("h", { text: HOSTILE })] }),
  conversation("calls", {
    agent: { name: "support-agent", version: "2" },
    turns: [
      turn("q", { text: "Refund me." }),
      turn("a1", {
        role: "assistant",
        messages: [
          text("Let me look."),
          call("find", ARGS, "one"),
          call("pay", {}, "two"),
          call("lost", { a: 1 }, "x"),
        ],
        metadata: { model: "m-1", tokens: "120", rating: "up" },
      }),
      turn("a2", { role: "assistant", messages: [response("pay", "no money", "two", true)] }),
      turn("a3", {
        role: "assistant",
        state: "error",
        errorDetail: "Out of <b>luck</b>",
        messages: [response("find", '{"total":1.50,"rows":[{"n":2}]}', "one"), response("orphan", "alone", "none")],
      }),
    ],
  }),
  conversation("large", {
    turns: [
      turn("code", { text: `Look:\n\n\`\`\`\n${LINES}\n\`\`\`\n\nThe end of it.` }),
      turn("mega", {
        role: "assistant",
        messages: [call("read", {}), response("read", "0123456789 words\n".repeat(60_000))],
      }),
    ],
  }),
];

describe.skipIf(!HAS_CHROMIUM)("the viewer's transcript of what anyone may write (needs Chromium)", () => {
  let server: TestServer;
  let browser: Browser;
  beforeAll(async () => {
    server = await startTestServer();
    browser = await launchChromium();
    await store(server.database, RECORDS);
  });
  afterAll(async () => {
    await browser?.close();
    await server?.close();
  });

  async function open(id: string) {
    const watched = await openPage(browser, server.origin);
    watched.page.on("dialog", (dialog) => {
      watched.problems.push(dialog.message());
      void dialog.dismiss();
    });
    await watched.page.goto(`${server.origin}/?conversation=${id}`);
    await watched.page.waitForSelector(".turn");
    return watched;
  }
  const isTooWide = (page: Page): Promise<boolean> =>
    page.evaluate(
      "document.querySelector('.transcript').scrollWidth > document.querySelector('.transcript').clientWidth",
    );

  test("runs, loads and breaks nothing, and links only to the outside", async () => {
    const { page, problems, elsewhere } = await open("hostile");
    const shown = page.locator(".turn");
    for (const literal of ["<script>alert(1)</script>", "<b onclick=alert(3)>bold</b>", "<iframe src=javascript:"]) {
      expect(await shown.textContent()).toContain(literal);
    }
    expect(await shown.locator("script, img, iframe, style, b, input, svg").count()).toBe(0);
    const links = await shown
      .locator(".markdown a")
      .evaluateAll((all) => all.map((link) => [link.textContent, link.getAttribute("href"), link.getAttribute("rel")]));
    const outside = "noopener noreferrer";
    expect(links.filter(([, href]) => href !== null)).toEqual([
      ["six", "https://example.com/a?b=c&d", outside],
      ["picture", "https://example.com/tracker.png", outside],
    ]);
    expect(await shown.locator("h4").getAttribute("dir")).toBe("auto");
    expect(await shown.locator("p:has-text('مرحبا')").evaluate((p) => getComputedStyle(p).direction)).toBe("rtl");
    expect(await isTooWide(page)).toBe(false);
    await page.setViewportSize({ width: 390, height: 844 });
    expect(await isTooWide(page)).toBe(false);
    expect(await findBarriers(page)).toEqual([]);
    expect([problems, elsewhere]).toEqual([[], []]);
    await page.close();
  });

  test("folds calls with their responses, digits and keys as they are stored, by the keyboard too", async () => {
    const { page, problems } = await open("calls");
    const find = page.locator("#turn-a1 .call", { hasText: "find" });
    await find.locator("> summary").focus();
    await page.keyboard.press("Enter");
    await find.locator("text=Response").waitFor();
    const inside = (await find.locator(".json").allTextContents()).join(" ");
    expect(inside).toMatch(/"10": 1\.50.*"9": 12345678901234567890.*"total": 1\.50/s);
    await find.locator(".json summary").last().click();
    expect(await find.locator('.json >> text="n"').count()).toBe(0);
    expect(await page.locator("#turn-a1 .outcome").allTextContents()).toEqual(["31 B", "failed", "no response"]);
    await page.waitForSelector("#turn-a2 >> text=1 response, shown with the call above.");
    expect(await page.locator("#turn-a3 .call").allTextContents()).toEqual([expect.stringContaining("orphan")]);
    expect(await page.locator("#turn-a3 .fault").textContent()).toBe("Out of <b>luck</b>");
    expect(await page.locator("#turn-a1 .notes").textContent()).toContain("tokens120");
    for (const colorScheme of ["dark", "light"] as const) {
      await page.emulateMedia({ colorScheme });
      expect(await findBarriers(page)).toEqual([]);
    }
    expect(problems).toEqual([]);
    await page.close();
  });

  test("lays out only a part of 100,000 lines of code and of a response of a megabyte", async () => {
    const { page } = await open("large");
    const lineCount = () =>
      page
        .locator(".segment")
        .evaluateAll((all) => all.reduce((sum, { textContent }) => sum + (textContent ?? "").split("\n").length, 0));
    expect(await lineCount()).toBeLessThan(2000);
    await page.click("#turn-code .show-all");
    await expect.poll(() => page.locator("#turn-code .segment").count()).toBeGreaterThan(200);
    expect(await lineCount()).toBeLessThan(5000);
    await page.click(".to-newest");
    await page.waitForSelector("text=The end of it.");
    await page.click("#turn-mega summary");
    await page.waitForSelector("#turn-mega >> text=Show all (1 MB)");
    expect(await lineCount()).toBeLessThan(6000);
    await page.close();
  });
});
