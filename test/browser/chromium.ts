import { existsSync } from "node:fs";

import { type Browser, chromium, type Page } from "playwright-core";

const CHROMIUM = process.env.CHROMIUM ?? "/usr/bin/chromium";

/** Whether there is a Chromium; the tests that need one skip themselves otherwise, and say so in their names. */
export const HAS_CHROMIUM = existsSync(CHROMIUM);

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

export function launchChromium(): Promise<Browser> {
  return chromium.launch({ executablePath: CHROMIUM, args: ARGS });
}

export interface Watched {
  page: Page;
  /** URLs of other servers that the page asked for. */
  elsewhere: string[];
  /** Errors of its scripts, and what its security policy refused. */
  problems: string[];
  /** What came over the wire for the page itself. */
  documents: { status: number; bytes: number }[];
}

/** A new page of a new profile, which keeps an account of what is loaded. */
export async function watchPage(browser: Browser, origin: string): Promise<Watched> {
  const page = await (await browser.newContext({ viewport: { width: 1440, height: 900 } })).newPage();
  const watched: Watched = { page, elsewhere: [], problems: [], documents: [] };
  page.on("request", (request) => {
    const url = request.url().replace(/^blob:/, "");
    if (!url.startsWith(`${origin}/`) && !url.startsWith("data:")) watched.elsewhere.push(url.slice(0, 100));
  });
  page.on("pageerror", (error) => watched.problems.push(String(error)));
  page.on("console", (message) => {
    if (message.type() === "error") watched.problems.push(message.text());
  });
  return watched;
}
