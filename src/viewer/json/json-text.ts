/**
 * JSON as text. `JSON.parse` rounds long numbers, drops the zeros behind a fraction, and moves keys that look like numbers:
 * what the page shows and gives out is cut from the text that the server sent.
 */

/** A member of an object with its key, or an element of an array with the key null; both as they are written. */
export interface JsonMember {
  key: string | null;
  value: string;
}

/** Whether the text is a JSON object or array. Costs one parse. */
export function isNestedJson(text: string): boolean {
  if (!/^\s*[{[]/.test(text)) return false;
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/** The members of the object or array that the text is, in their order. The text is valid JSON. Visits each character once. */
export function membersOf(text: string): JsonMember[] {
  const members: JsonMember[] = [];
  const open = text.search(/\S/);
  const isObject = text[open] === "{";
  for (let at = skipTo(text, open + 1, /[^\s,]/g); at < text.length && !/[\]}]/.test(text[at] ?? ""); ) {
    let key: string | null = null;
    if (isObject) {
      const end = endOfString(text, at);
      key = text.slice(at, end);
      at = skipTo(text, end, /[^\s:]/g);
    }
    const end = endOfValue(text, at);
    members.push({ key, value: text.slice(at, end) });
    at = skipTo(text, end, /[^\s,]/g);
  }
  return members;
}

/**
 * The JSON text with each member of these names that holds an object turned into a string: the object's own text, which
 * `JSON.parse` leaves alone. The text has no spaces between its tokens outside of such objects.
 */
export function objectsToTexts(json: string, names: ReadonlySet<string>): string {
  let written = "";
  let done = 0;
  for (let at = json.indexOf('"'); at >= 0; at = json.indexOf('"', at)) {
    const end = endOfString(json, at);
    if (json.startsWith(":{", end) && names.has(json.slice(at + 1, end - 1))) {
      const close = endOfValue(json, end + 1);
      written += json.slice(done, end + 1) + JSON.stringify(json.slice(end + 1, close));
      done = close;
      at = close;
    } else at = end;
  }
  return written + json.slice(done);
}

function endOfValue(text: string, start: number): number {
  const first = text[start];
  if (first === '"') return endOfString(text, start);
  return first === "{" || first === "[" ? endOfNested(text, start) : skipTo(text, start, /[\s,\]}]/g);
}

/** The place behind the object or array that begins at `start`: brackets are counted, and strings passed over. */
function endOfNested(text: string, start: number): number {
  let depth = 0;
  for (let at = start; at < text.length; ) {
    at = skipTo(text, at, /["[\]{}]/g);
    if (text[at] === '"') {
      at = endOfString(text, at);
      continue;
    }
    depth += text[at] === "{" || text[at] === "[" ? 1 : -1;
    at += 1;
    if (depth === 0) return at;
  }
  return text.length;
}

/** The place behind the string whose quote is at `start`: behind the next quote with an even number of backslashes before it. */
function endOfString(text: string, start: number): number {
  for (let quote = text.indexOf('"', start + 1); quote >= 0; quote = text.indexOf('"', quote + 1)) {
    let backslashes = 0;
    while (text[quote - 1 - backslashes] === "\\") backslashes += 1;
    if (backslashes % 2 === 0) return quote + 1;
  }
  return text.length;
}

/** The place of the first match from `from` on; the text's length for none. */
function skipTo(text: string, from: number, pattern: RegExp): number {
  pattern.lastIndex = from;
  return pattern.exec(text)?.index ?? text.length;
}
