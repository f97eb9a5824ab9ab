import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import type { Browser, Page } from "playwright-core";

import { startServer } from "../harness/program.ts";
import { startApp } from "./app.ts";
import { launchChromium, openPage } from "./chromium.ts";

// The pictures of the README and of the clients' page, of the sample conversations: `npm run screenshots`.
const FOLDER = fileURLToPath(new URL("../../.github", import.meta.url));

const CONVERSATION = `# An agent that looks something up
query Conversation {
  conversations(
    first: 1
    filter: { agentId: "support-agent:2" }
  ) {
    nodes {
      agent { agentId }
      turns(first: 2) {
        totalCount
        nodes {
          role
          messages {
            __typename
            ... on TextFragment {
              content
            }
            ... on FunctionCallFragment {
              name
              args
            }
            ... on FunctionResponseFragment {
              response
            }
          }
        }
      }
    }
  }
}`;

async function takeGraphiQL(browser: Browser, origin: string): Promise<void> {
  const { page } = await openPage(browser, origin);
  await page.setViewportSize({ width: 1600, height: 940 });
  await page.goto(`${origin}/graphql?${new URLSearchParams({ query: CONVERSATION })}`);
  await page.waitForSelector(".graphiql-query-editor .view-line >> text=looks something up");
  await page.click(".graphiql-execute-button");
  await page.waitForSelector(".result-window >> text=TextFragment");
  await page.click('button[aria-label="Hide editor tools"]');
  await page.click('button[aria-label="Show Documentation Explorer"]');
  await page.click('.graphiql-doc-explorer a:text-is("Turn")');
  await page.waitForSelector(".graphiql-doc-explorer >> text=position");
  await take(page, "graphiql.png");
}

async function takeDocs(browser: Browser, origin: string): Promise<void> {
  const { page } = await openPage(browser, origin);
  await page.setViewportSize({ width: 1200, height: 1500 });
  await page.goto(`${origin}/docs`);
  await page.click('[id$="-listAgentConversations"] .opblock-summary-control');
  await page.click('[id$="-listAgentConversations"] button.execute');
  await page.waitForSelector('[id$="-listAgentConversations"] .live-responses-table >> text=Response body');
  await page.evaluate('document.querySelector("#operations-tag-Fixie").scrollIntoView()');
  await take(page, "docs.png");
}

async function takeApp(browser: Browser, origin: string): Promise<void> {
  const app = await startApp(origin);
  try {
    const page = await browser.newPage({ viewport: { width: 1200, height: 860 } });
    await page.goto(app.url);
    await page.fill("input[name=words]", "refund");
    await page.press("input[name=words]", "Enter");
    await page.click("[aria-label=Hits] button");
    await page.waitForSelector("section li[aria-current=true]");
    await take(page, "app.png");
  } finally {
    await app.close();
  }
}

/** The viewer with a conversation in which an agent calls functions: as a desk sees it, by night, and on a phone. */
async function takeViewer(browser: Browser, origin: string): Promise<void> {
  const { page } = await openPage(browser, origin);
  await page.setViewportSize({ width: 1280, height: 800 });
  await page.goto(origin);
  await page.click(".row >> text=Double charge on an invoice");
  await page.waitForSelector(".transcript");
  await page.evaluate("document.activeElement.blur()");
  await take(page, "viewer.png");
  await page.emulateMedia({ colorScheme: "dark" });
  await take(page, "viewer-dark.png");
  await page.emulateMedia({ colorScheme: "light" });
  await page.setViewportSize({ width: 390, height: 844 });
  await take(page, "viewer-phone.png");
}

/** Waits until nothing moves any more: a menu that slides in, a highlighting that comes later. */
async function take(page: Page, file: string): Promise<void> {
  await page.mouse.move(0, 0);
  await page.evaluate("document.fonts.ready");
  let [before, now] = ["", "nothing yet"];
  while (now !== before) {
    await page.waitForTimeout(500);
    [before, now] = [now, (await page.screenshot({ path: join(FOLDER, file) })).toString("base64")];
  }
  process.stdout.write(`${file}\n`);
}

const data = await mkdtemp(join(tmpdir(), "conversation-graph-"));
const server = await startServer({ DATA_DIR: data, PORT: "4000" });
const browser = await launchChromium();
try {
  await mkdir(FOLDER, { recursive: true });
  const { origin } = new URL(server.url);
  await takeViewer(browser, origin);
  await takeGraphiQL(browser, origin);
  await takeDocs(browser, origin);
  await takeApp(browser, origin);
} finally {
  await browser.close();
  await server.stop("SIGTERM");
  await rm(data, { recursive: true, force: true });
}
