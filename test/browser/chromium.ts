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

/** Starts the installed Chromium without a window. The caller closes it. */
export function launchChromium(): Promise<Browser> {
  return chromium.launch({ executablePath: CHROMIUM, args: ARGS });
}

export interface Watched {
  page: Page;
  /** URLs of other servers that were asked for. */
  elsewhere: string[];
  /** Errors of scripts, and what the security policy refused. */
  problems: string[];
  /** What this server answered since the last `forget`, in the order in which it was asked for. */
  answered(): Answered[];
  forget(): void;
}

interface Answered {
  path: string;
  /** As the server sent it: a 304 is one, though the page gets the whole file. */
  status: number;
  /** What came over the wire. */
  bytes: number;
}

/** A page of a new profile, with nothing in its cache, and an account of what it loads from the origin and elsewhere. */
export async function openPage(browser: Browser, origin: string): Promise<Watched> {
  const page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
  // Less than a test's own, so that it says what it waited for.
  page.setDefaultTimeout(20_000);
  const [elsewhere, problems]: [string[], string[]] = [[], []];
  page.on("request", (request) => {
    const url = request.url().replace(/^blob:/, "");
    if (!url.startsWith(`${origin}/`) && !url.startsWith("data:")) elsewhere.push(url.slice(0, 100));
  });
  page.on("pageerror", (error) => problems.push(String(error)));
  page.on("console", (message) => {
    if (message.type() === "error") problems.push(message.text());
  });
  return { page, elsewhere, problems, ...(await keepAccount(page, origin)) };
}

async function keepAccount(page: Page, origin: string): Promise<Pick<Watched, "answered" | "forget">> {
  const account = new Map<string, Answered>();
  const add = (id: string, news: Partial<Answered>) => {
    const known = account.get(id) ?? { path: "", status: 0, bytes: 0 };
    account.set(id, { ...known, ...news, bytes: Math.max(known.bytes, news.bytes ?? 0) });
  };
  const wire = await page.context().newCDPSession(page);
  wire.on("Network.requestWillBeSent", ({ requestId, request: { url } }) => {
    if (url.startsWith(origin)) add(requestId, { path: url.slice(origin.length) });
  });
  // Of the two accounts of an answer, this is the one of the wire; it may come first.
  wire.on("Network.responseReceivedExtraInfo", ({ requestId, statusCode: status, headers }) => {
    add(requestId, { status, bytes: Number(headers["content-length"] ?? 0) });
  });
  // The browser reports the end of a worker's script to the worker only.
  wire.on("Network.loadingFinished", ({ requestId, encodedDataLength: bytes }) => add(requestId, { bytes }));
  await wire.send("Network.enable");
  return {
    answered: () => [...account.values()].filter(({ path, status }) => path !== "" && status !== 0),
    forget: () => account.clear(),
  };
}

/** How many bytes came over the wire. */
export function totalBytes(answered: readonly Answered[]): number {
  return answered.reduce((sum, { bytes }) => sum + bytes, 0);
}
