import type { Client } from "@urql/core";

import { type Head, NEWER_TURNS, type NewerTurns, type Turn } from "./documents.ts";
import { conversationToLine } from "./turns-to-lines.ts";
import { headToMarkdown, turnToMarkdown } from "./turns-to-markdown.ts";

const PAGE_SIZE = 100;

export type DownloadFormat = "jsonl" | "md";

/**
 * Reads the whole conversation page by page, and hands it to the browser as a file. `onProgress` gets the number of turns so
 * far. Resolves to false for a conversation that is gone; rejects with a CombinedError.
 */
export async function download(
  client: Client,
  id: string,
  format: DownloadFormat,
  onProgress: (turns: number) => void,
): Promise<boolean> {
  const whole = await readWhole(client, id, onProgress);
  if (whole === null) return false;
  const { head, turns } = whole;
  const parts =
    format === "jsonl"
      ? conversationToLine(head, turns)
      : [headToMarkdown(head), ...turns.map((turn) => `\n${turnToMarkdown(turn)}`)];
  const type = format === "jsonl" ? "application/jsonl" : "text/markdown";
  save(new Blob(parts, { type }), `${id.replace(/[^\w.-]/g, "_")}.${format}`);
  return true;
}

/** The head is read with the last page: no turn has a later revision than it. */
async function readWhole(
  client: Client,
  id: string,
  onProgress: (turns: number) => void,
): Promise<{ head: Head; turns: Turn[] } | null> {
  const turns: Turn[] = [];
  for (let after: string | null = null; ; ) {
    const head = await readPage(client, id, after);
    if (head === null) return null;
    const { edges, pageInfo } = head.turns;
    turns.push(...edges.map(({ node }) => node));
    onProgress(turns.length);
    if (!pageInfo.hasNextPage) return { head, turns };
    after = pageInfo.endCursor;
  }
}

async function readPage(client: Client, id: string, after: string | null): Promise<NewerTurns["conversation"]> {
  const { data, error } = await client.query(NEWER_TURNS, { id, first: PAGE_SIZE, after });
  if (error) throw error;
  return data?.conversation ?? null;
}

function save(content: Blob, name: string): void {
  const url = URL.createObjectURL(content);
  const link = Object.assign(document.createElement("a"), { href: url, download: name });
  link.click();
  // The browser has taken the content by then.
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}
