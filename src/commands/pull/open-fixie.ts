import { readFixieConversation } from "../../formats/fixie.ts";
import { RecordError } from "../../formats/format-errors.ts";
import type { ReadingNotes } from "../../formats/reading-notes.ts";
import { countPageFields } from "../../formats/split-records.ts";
import { syntheticStart } from "../../formats/synthetic.ts";
import { isJsonObject } from "../../model/json.ts";
import type { ConversationSource } from "../import-all.ts";
import type { IncomingRecord } from "../import-one.ts";
import { idOf } from "./cursor-pages.ts";
import type { PullSettings } from "./pull-settings.ts";
import { type Ask, ServiceError } from "./service.ts";

/** Every conversation comes with all its turns: pages of this size are read quickly and fit into memory. */
const PAGE_SIZE = 20;

interface Entry {
  /** The conversation's id; without one, its place in the list. */
  name: string;
  conversation: unknown;
}

interface Page {
  offset: number;
  entries: Entry[];
  /** The number of conversations at the service. */
  total: number;
}

type List = (offset: number, limit: number) => Promise<Page>;

/**
 * The conversations of an agent from Fixie's list, newest first. Requests the first page at once. Throws ServiceError.
 */
export async function openFixie(
  { url, agent }: PullSettings,
  ask: Ask,
  notes: ReadingNotes,
): Promise<ConversationSource> {
  const list: List = async (offset, limit) =>
    readPage(await ask(pageUrl(url, agent ?? "", offset, limit)), offset, notes);
  const first = await list(0, PAGE_SIZE);
  return { name: url.host, total: first.total, notes, records: readAll(first, list, notes) };
}

function pageUrl(base: URL, agent: string, offset: number, limit: number): string {
  const url = new URL(base);
  const path = base.pathname.replace(/\/+$|\/api\/v1(\/.*)?$/, "");
  url.pathname = `${path}/api/v1/agents/${encodeURIComponent(agent)}/conversations`;
  url.searchParams.set("offset", String(offset));
  url.searchParams.set("limit", String(limit));
  return url.href;
}

function readPage(document: unknown, offset: number, notes: ReadingNotes): Page {
  const total = isJsonObject(document) && isJsonObject(document.pageInfo) ? document.pageInfo.totalResultCount : null;
  if (isJsonObject(document) && Array.isArray(document.conversations) && Number.isSafeInteger(total)) {
    countPageFields(document, notes);
    const entries = document.conversations.map((conversation, index) => ({
      name: idOf(conversation) || `offset ${offset + index}`,
      conversation,
    }));
    return { offset, entries, total: Number(total) };
  }
  const looksLikeFoundry = isJsonObject(document) && Array.isArray(document.data);
  const hint = looksLikeFoundry ? "this looks like Foundry's: use --from foundry" : "is --url right?";
  throw new ServiceError(`The answer is not Fixie's list {conversations, pageInfo}: ${hint}`, 200);
}

async function* readAll(first: Page, list: List, notes: ReadingNotes): AsyncGenerator<IncomingRecord> {
  const seen = new Set<string>();
  for await (const { offset, entries, total } of walkPages(first, list, seen)) {
    for (const [index, { name, conversation }] of entries.entries()) {
      if (seen.has(name)) continue;
      seen.add(name);
      // The list is newest first: synthetic times grow towards its head.
      const result = readOne(conversation, Math.max(total - offset - index - 1, 0), notes);
      yield { position: name, result, done: seen.size };
    }
  }
}

/**
 * All pages, complete even when rows are added and deleted while they are read. Each page begins with the last
 * conversation of the one before. Added rows only push known ones into it; where it has no known one, deleted rows let
 * others slip past, and the walk goes back for them. Rows added at the head come at the end. `seen` holds the names of
 * all pages so far. Throws ServiceError when these are fewer than the service counts.
 */
async function* walkPages(first: Page, list: List, seen: ReadonlySet<string>): AsyncGenerator<Page> {
  const isJoined = ({ entries }: Page) => entries.some(({ name }) => seen.has(name));
  let page = first;
  for (;;) {
    yield page;
    const end = page.offset + page.entries.length;
    if (end >= page.total || page.entries.length === 0) break;
    // Some services give pages of one only, which cannot both overlap and advance.
    const overlap = page.entries.length > 1 ? 1 : 0;
    page = await list(end - overlap, PAGE_SIZE);
    while (overlap > 0 && page.offset > 0 && !isJoined(page)) {
      page = await list(Math.max(page.offset - PAGE_SIZE, 0), PAGE_SIZE);
    }
  }
  yield* readHead(list, isJoined);
  if (seen.size < page.total) {
    throw new ServiceError(`The service says there are ${page.total} conversations, but gave ${seen.size}.`, null);
  }
}

/** The pages from the head to the first with a known conversation. */
async function* readHead(list: List, isJoined: (page: Page) => boolean): AsyncGenerator<Page> {
  // Nearly always nothing was added, and one conversation shows that.
  let page = await list(0, 1);
  while (page.entries.length > 0 && !isJoined(page)) {
    yield page;
    page = await list(page.offset + page.entries.length, PAGE_SIZE);
  }
  yield page;
}

function readOne(conversation: unknown, index: number, notes: ReadingNotes): IncomingRecord["result"] {
  try {
    return readFixieConversation(conversation, { notes, start: syntheticStart(index) });
  } catch (error) {
    if (error instanceof RecordError) return error;
    throw error;
  }
}
