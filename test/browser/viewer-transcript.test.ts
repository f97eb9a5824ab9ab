import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { conversation, store, turn } from "../harness/conversations.ts";
import { startTestServer, type TestServer } from "../harness/server.ts";
import { append, create, update, words } from "../harness/writes.ts";
import { HAS_CHROMIUM, launchChromium, openPage } from "./chromium.ts";

const TURNS = 2000;
// Ends what hangs: a machine with much else to do takes a second for a page of turns.
const TIME = { timeout: 120_000 };

/** Every fifth turn is long, as its size is not known before it is laid out. */
function longTurn(index: number) {
  return turn(`long_${index + 1}`, {
    role: index % 2 === 0 ? "user" : "assistant",
    text: index % 5 === 0 ? "Words that go on. ".repeat(60) : "Short.",
  });
}

describe.skipIf(!HAS_CHROMIUM)("the viewer's transcript (needs Chromium)", () => {
  let server: TestServer;
  let browser: Browser;
  beforeAll(async () => {
    server = await startTestServer();
    browser = await launchChromium();
    await store(server.database, [
      conversation("long", { turns: Array.from({ length: TURNS }, (_, index) => longTurn(index)) }),
    ]);
  });
  afterAll(async () => {
    await browser?.close();
    await server?.close();
  });

  async function open(query: string) {
    const watched = await openPage(browser, server.origin);
    await watched.page.goto(`${server.origin}/${query}`);
    await watched.page.waitForSelector(".turn");
    return watched;
  }

  /** How far from the view's top the turn begins, in pixels. */
  const topOf = (page: Page, id: string): Promise<number> =>
    page.evaluate(
      `document.getElementById("turn-${id}").getBoundingClientRect().top - document.querySelector(".transcript").getBoundingClientRect().top`,
    );
  const isAtEnd = (page: Page): Promise<boolean> =>
    page.evaluate(
      "(({ scrollHeight, scrollTop, clientHeight }) => scrollHeight - scrollTop - clientHeight < 2)(document.querySelector('.transcript'))",
    );

  test("begins at the newest of 2,000 turns, and loads older ones upwards without a jump", TIME, async () => {
    const { page, problems } = await open("?conversation=long");
    await page.waitForSelector("#turn-long_2000");
    expect(await isAtEnd(page)).toBe(true);
    // To the very top, again and again: what was the first turn stays in its place while another page comes ahead of it.
    const loaded: number[] = await page.evaluate(`(async () => {
      const view = document.querySelector(".transcript");
      const moves = [];
      while (document.getElementById("turn-long_1") === null) {
        const first = document.querySelector(".turn");
        view.scrollTop = 0;
        const top = first.getBoundingClientRect().top;
        while (document.querySelector(".turn") === first) await new Promise(requestAnimationFrame);
        moves.push(Math.abs(first.getBoundingClientRect().top - top));
      }
      return moves;
    })()`);
    expect(loaded.length).toBe(20);
    expect(Math.max(...loaded)).toBeLessThan(2);
    expect(await page.locator(".turn").count()).toBe(TURNS);
    // From the middle up, past turns that were never laid out: what is in view moves by what is scrolled alone.
    const { moves, slowest }: { moves: number[]; slowest: number } = await page.evaluate(`(async () => {
      const view = document.querySelector(".transcript");
      const frame = () => new Promise(requestAnimationFrame);
      const { top, left, height } = view.getBoundingClientRect();
      view.scrollTop = view.scrollHeight / 2;
      for (let frames = 0; frames < 20; frames += 1) await frame();
      const moves = [];
      let slowest = 0;
      for (let step = 0; step < 40; step += 1) {
        await frame();
        const seen = document.elementsFromPoint(left + 80, top + height / 3).map((element) => element.closest(".turn")).find(Boolean);
        const before = seen?.getBoundingClientRect().top;
        // As a wheel scrolls: between two frames.
        await new Promise((resolve) => setTimeout(resolve));
        const began = performance.now();
        view.scrollTop -= 250;
        await frame();
        await frame();
        slowest = Math.max(slowest, performance.now() - began);
        if (seen) moves.push(Math.abs(seen.getBoundingClientRect().top - before - 250));
      }
      return { moves, slowest };
    })()`);
    expect(moves.length).toBeGreaterThan(30);
    expect(Math.max(...moves)).toBeLessThan(2);
    // Two frames and what the machine does beside them.
    expect(slowest).toBeLessThan(1000);
    expect(problems).toEqual([]);
    await page.close();
  });

  test("opens a link at its turn, marks it, and loads on both ways", async () => {
    const { page } = await open("?conversation=long&turn=long_1000");
    await page.waitForSelector("#turn-long_1000[aria-current=true]");
    const top = await topOf(page, "long_1000");
    expect(top).toBeGreaterThan(0);
    expect(top).toBeLessThan(400);
    await page.locator("#turn-long_975").scrollIntoViewIfNeeded();
    await page.waitForSelector("#turn-long_930", { state: "attached" });
    await page.locator("#turn-long_1025").scrollIntoViewIfNeeded();
    await page.waitForSelector("#turn-long_1070", { state: "attached" });
    await page.click("#turn-long_1001 .permalink");
    await page.waitForSelector("#turn-long_1001[aria-current=true]");
    expect(page.url()).toBe(`${server.origin}/?conversation=long&turn=long_1001`);
    await page.click(".to-newest");
    await page.waitForSelector("#turn-long_2000");
    await expect.poll(() => isAtEnd(page)).toBe(true);
    expect(page.url()).toBe(`${server.origin}/?conversation=long`);
    await page.goto(`${server.origin}/?conversation=long&turn=no_such_turn`);
    await page.waitForSelector("text=The turn of this link is not here");
    await page.waitForSelector("#turn-long_2000");
    await page.close();
  });

  test("shows an answer as it grows, by what is added, and follows the end only from there", async () => {
    const id = await create(server, { turns: [{ role: "USER", messages: [words("Umbrella?\n\n".repeat(80))] }] });
    const { page } = await open(`?conversation=${id}`);
    const reads: string[] = [];
    page.on("request", (request) => {
      if (request.postData()?.includes("query Turn(")) reads.push(request.url());
    });
    const { id: answer } = await append(server, {
      conversationId: id,
      turn: { role: "ASSISTANT", state: "IN_PROGRESS", messages: [] },
    });
    const grown = page.locator(`#turn-${answer}`);
    await update(server, { id: answer, appendText: "**Yes**" });
    await grown.locator("strong:text-is('Yes')").waitFor();
    // The new turn is read, and its words come with the events.
    const before = reads.length;
    for (let index = 0; index < 60; index += 1) await update(server, { id: answer, appendText: `, ${index}\n\n` });
    await grown.locator("text=, 59").waitFor();
    expect(reads.length).toBe(before);
    expect(await isAtEnd(page)).toBe(true);

    await page.locator(".transcript").evaluate((view) => {
      view.scrollTop = 300;
    });
    await page.waitForSelector(".to-newest");
    const scrolled = () => page.locator(".transcript").evaluate((view) => view.scrollTop);
    const place = await scrolled();
    await update(server, { id: answer, appendText: "And more.\n\n".repeat(20) });
    await grown.locator("text=And more.").first().waitFor({ state: "attached" });
    expect(await scrolled()).toBe(place);

    await page.context().setOffline(true);
    await update(server, { id: answer, appendText: "Missed." });
    await page.context().setOffline(false);
    await grown.locator("text=Missed.").waitFor({ state: "attached", timeout: 20_000 });
    await update(server, { id: answer, state: "ERROR", errorDetail: "The model broke off." });
    await grown.locator("text=The model broke off.").waitFor({ state: "attached" });
    expect(await grown.locator("text=Missed.").count()).toBe(1);
    await page.close();
  });
});
