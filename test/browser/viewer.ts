import axe from "axe-core";
import type { Browser, Page } from "playwright-core";

import { generateConversation } from "../../src/seed/generate-conversation.ts";
import type { Database } from "../../src/store/database/client.ts";
import { ensureProject } from "../../src/store/keys/projects.ts";
import { insertConversations } from "../../src/store/write/conversation.ts";
import { openPage, type Watched } from "./chromium.ts";

const BATCH = 250;

/** Stores as many conversations as `npm run seed` does, each with its first two turns alone: a list shows no more of them. */
export async function seedConversations(database: Database, count: number): Promise<void> {
  await ensureProject(database, "default");
  for (let first = 0; first < count; first += BATCH) {
    const records = Array.from({ length: BATCH }, (_, offset) => {
      const record = generateConversation(first + offset, "1");
      return { ...record, turns: record.turns.slice(0, 2) };
    });
    await insertConversations(database, "default", records);
  }
}

/** Opens the viewer at a place, and resolves once it shows something. */
export async function openViewer(browser: Browser, origin: string, query = ""): Promise<Watched> {
  const watched = await openPage(browser, origin);
  await watched.page.goto(`${origin}/${query}`);
  await watched.page.waitForSelector(".row, .empty, .sign-in, .fault");
  return watched;
}

/** What axe finds against WCAG 2.2 AA and good practice on the page as it is: its rules, each with the elements. */
export async function findBarriers(page: Page): Promise<string[]> {
  await page.evaluate(axe.source);
  const found = (await page.evaluate("axe.run()")) as axe.AxeResults;
  return found.violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ target }) => target.join(" ")).join(", ")}`);
}
