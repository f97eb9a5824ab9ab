/** A piece of a long text that is laid out by itself. */
export interface Segment {
  text: string;
  /** Whether it begins or ends within a block of code. */
  isPart: boolean;
}

// A segment ends at the first blank line outside of code beyond SOFT characters, and at HARD characters or LINES lines
// wherever that is: a browser lays out so much in a few milliseconds.
const SOFT = 6000;
const HARD = 12_000;
const LINES = 400;

/**
 * The Markdown text in segments that are Markdown by themselves: a fence that is cut is closed, and opened again in the
 * next. Text that is added at the end changes the last one only.
 */
export function splitMarkdown(text: string): Segment[] {
  const segments: Segment[] = [];
  let fence: Fence | null = null;
  let opened: Fence | null = null;
  let start = 0;
  let lines = 0;
  const cut = (end: number) => {
    const body = text.slice(start, end);
    const ahead = opened === null ? "" : `${opened.line}\n`;
    const behind = fence === null ? "" : `${body.endsWith("\n") ? "" : "\n"}${fence.mark}`;
    segments.push({ text: ahead + body + behind, isPart: opened !== null || fence !== null });
    opened = fence;
    start = end;
    lines = 0;
  };
  for (let at = 0; at < text.length; ) {
    const next = text.indexOf("\n", at) + 1;
    const end = next === 0 ? text.length : next;
    while (end - start > HARD) {
      const within = at > start ? at : characterEnd(text, start + HARD);
      cut(within);
      at = Math.max(at, within);
    }
    // A line that is still growing decides nothing.
    if (next === 0) break;
    const line = text.slice(at, end - 1);
    fence = nextFence(fence, line);
    lines += 1;
    at = end;
    const isBetween = fence === null && line.trim() === "" && at - start > SOFT;
    if (at < text.length && (isBetween || lines >= LINES)) cut(at);
  }
  if (start < text.length || segments.length === 0) {
    // What is open at the end is open in the text.
    fence = null;
    cut(text.length);
  }
  return segments;
}

/** The plain text in segments of whole lines; a longer line is cut. */
export function splitLines(text: string): Segment[] {
  const segments: Segment[] = [];
  for (let start = 0; start < text.length; ) {
    const most = characterEnd(text, start + HARD);
    let end = start;
    for (let lines = 0; lines < LINES && end < text.length; lines += 1) {
      const next = text.indexOf("\n", end) + 1;
      const lineEnd = next === 0 ? text.length : next;
      if (lineEnd > most) break;
      end = lineEnd;
    }
    if (end === start) end = most;
    segments.push({ text: text.slice(start, end), isPart: true });
    start = end;
  }
  return segments;
}

interface Fence {
  /** The line that opened it. */
  line: string;
  /** The characters that close it. */
  mark: string;
}

/** The fence that is open behind the line. */
function nextFence(open: Fence | null, line: string): Fence | null {
  const [, mark, info = ""] = /^\s*(`{3,}|~{3,})(.*)$/.exec(line.slice(0, 200)) ?? [];
  if (mark === undefined) return open;
  if (open === null) return mark.startsWith("`") && info.includes("`") ? null : { line, mark };
  return mark.startsWith(open.mark) && info.trim() === "" ? null : open;
}

/** The place, or the one before it where that would divide a surrogate pair. */
function characterEnd(text: string, at: number): number {
  const end = Math.min(at, text.length);
  return /[\uD800-\uDBFF]/.test(text[end - 1] ?? "") && end < text.length ? end - 1 : end;
}
