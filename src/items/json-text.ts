/**
 * Pieces of a valid JSON text, cut out as they were written: a parser would lose digits, the order of keys and spaces.
 * All functions expect text that `JSON.parse` takes.
 */

const [QUOTE, BACKSLASH, COMMA] = [0x22, 0x5c, 0x2c];
const [OPEN_ARRAY, CLOSE_ARRAY, OPEN_OBJECT, CLOSE_OBJECT] = [0x5b, 0x5d, 0x7b, 0x7d];

/** A member of an object: its key, and where its value begins and ends in the text. */
export interface Member {
  key: string;
  start: number;
  end: number;
}

/** The members of the object that the text is, in order; of a repeated key each one. The cost grows with the text. */
export function membersOf(text: string): Member[] {
  return partsOf(text).map(({ start, end }) => {
    const keyEnd = endOfString(text, start);
    // Safe cast: the key of an object is a string.
    const key = JSON.parse(text.slice(start, keyEnd)) as string;
    const valueStart = afterSpace(text, text.indexOf(":", keyEnd) + 1);
    return { key, start: valueStart, end };
  });
}

/** The texts of the elements of the array that the text is, in order. The cost grows with the text. */
export function elementsOf(text: string): string[] {
  return partsOf(text).map(({ start, end }) => text.slice(start, end));
}

/** The text of the member's value in the object that the text is, the last of a repeated key; null for none. */
export function memberText(text: string, key: string): string | null {
  const member = membersOf(text).findLast((candidate) => candidate.key === key);
  return member === undefined ? null : text.slice(member.start, member.end);
}

/** What stands between the outermost brackets and commas, without the spaces around it. */
function partsOf(text: string): { start: number; end: number }[] {
  const parts: { start: number; end: number }[] = [];
  let at = afterSpace(text, 0) + 1;
  let start = afterSpace(text, at);
  let depth = 0;
  const end = (place: number) => {
    if (start < place) parts.push({ start, end: beforeSpace(text, place) });
    start = afterSpace(text, place + 1);
  };
  for (; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) at = endOfString(text, at) - 1;
    else if (code === OPEN_ARRAY || code === OPEN_OBJECT) depth += 1;
    else if (code === COMMA && depth === 0) end(at);
    else if (code === CLOSE_ARRAY || code === CLOSE_OBJECT) {
      if (depth === 0) {
        end(at);
        break;
      }
      depth -= 1;
    }
  }
  return parts;
}

/** Where the string ends that begins there. Character by character: a search for each quote is slow where there are millions. */
function endOfString(text: string, start: number): number {
  let at = start + 1;
  while (at < text.length && text.charCodeAt(at) !== QUOTE) at += text.charCodeAt(at) === BACKSLASH ? 2 : 1;
  return at + 1;
}

function afterSpace(text: string, start: number): number {
  let at = start;
  while (at < text.length && text.charCodeAt(at) <= 0x20) at += 1;
  return at;
}

function beforeSpace(text: string, end: number): number {
  let at = end;
  while (text.charCodeAt(at - 1) <= 0x20) at -= 1;
  return at;
}
