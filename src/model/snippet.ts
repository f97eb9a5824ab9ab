/** Words that are looked for in a text, side by side. */
export interface SoughtWords {
  text: string;
  /** Whether the last of them stands for all words that begin with it. */
  isBeginning: boolean;
}

/** A part of a text in code points; `end` is behind the last one. */
export interface TextRange {
  start: number;
  end: number;
}

/** A part of a text around the first place of what was sought, and the places in it. */
export interface Snippet {
  text: string;
  /** In order, apart from each other; empty where the words could not be told in the text. */
  matches: TextRange[];
}

const MAX_CODE_POINTS = 200;
const BEFORE = 60;

// As `search_text` in the database: these characters are words by themselves.
const SINGLE =
  "\\u3005-\\u3007\\u3041-\\u3096\\u309D-\\u309F\\u30A1-\\u30FA\\u30FC-\\u30FF\\u31F0-\\u31FF\\u3400-\\u4DBF\\u4E00-\\u9FFF\\uF900-\\uFAFF\\uFF66-\\uFF9F\\u{20000}-\\u{3FFFF}";
const WORDS = new RegExp(`[${SINGLE}]|(?:(?![${SINGLE}])[\\p{L}\\p{N}\\p{M}_])+`, "gu");
const IS_SINGLE = new RegExp(`^[${SINGLE}]`, "u");
const IS_LETTER = /^[\p{L}\p{N}\p{M}_]/u;

/**
 * The part of the text with the first place of any of the sought words. Its cost grows with the text, whatever is sought. A
 * place for the eye: the database has decided what is found, and its words may differ in rare cases.
 */
export function snippetOf(text: string, sought: readonly SoughtWords[]): Snippet {
  const folded = fold(text);
  const each = sought.map(({ text: words, isBeginning }) => ({ words: fold(words).match(WORDS) ?? [], isBeginning }));
  const firsts = each.flatMap(({ words, isBeginning }) => findPlaces(folded, words, isBeginning, 0, 1));
  const first = Math.min(...firsts.map(({ start }) => start));
  const { start, end } = around(text, Number.isFinite(first) ? first : 0);
  const places = each.flatMap(({ words, isBeginning }) =>
    findPlaces(folded, words, isBeginning, start, Number.POSITIVE_INFINITY, end),
  );
  return {
    text: text.slice(start, end).replaceAll(/\s/g, " "),
    matches: apart(places).map((place) => ({
      start: countCodePoints(text.slice(start, place.start)),
      end: countCodePoints(text.slice(start, place.end)),
    })),
  };
}

/** The text in one case, each character in its place. */
function fold(text: string): string {
  const lower = text.toLowerCase();
  const same = lower.length === text.length ? lower : Array.from(text, foldCharacter).join("");
  return same.replaceAll("ς", "σ");
}

function foldCharacter(character: string): string {
  const lower = character.toLowerCase();
  return lower.length === character.length ? lower : character;
}

/** Up to so many places of the words in the text from `from` to `to`, in order. */
function findPlaces(
  text: string,
  words: readonly string[],
  isBeginning: boolean,
  from: number,
  most: number,
  to = text.length,
): TextRange[] {
  const places: TextRange[] = [];
  const [first] = words;
  if (first === undefined) return places;
  for (let start = text.indexOf(first, from); start >= 0 && start < to; start = text.indexOf(first, start + 1)) {
    if (!isFree(text, start, first)) continue;
    const end = endOfWords(text, start, words, isBeginning);
    if (end === null || end > to) continue;
    places.push({ start, end });
    if (places.length === most) break;
  }
  return places;
}

/** Whether a word may begin there. */
function isFree(text: string, at: number, word: string): boolean {
  return at === 0 || IS_SINGLE.test(word) || !isLetter(characterBefore(text, at));
}

/** Where the words end that begin there, side by side; null where they do not stand there. */
function endOfWords(text: string, start: number, words: readonly string[], isBeginning: boolean): number | null {
  let end = start;
  for (const [index, word] of words.entries()) {
    let at = end;
    if (index > 0)
      while (at < text.length && !isLetter(characterAt(text, at), true)) at += characterAt(text, at).length;
    if (!text.startsWith(word, at) || (at === end && index > 0 && !isFree(text, at, word))) return null;
    end = at + word.length;
    const isLast = index === words.length - 1;
    if (IS_SINGLE.test(word)) continue;
    if (isLast && isBeginning) while (isLetter(characterAt(text, end))) end += characterAt(text, end).length;
    else if (isLetter(characterAt(text, end))) return null;
  }
  return end;
}

/** Whether the character goes on with a word; those that are words by themselves only where that is said. */
function isLetter(character: string, alsoSingle = false): boolean {
  return IS_LETTER.test(character) && (alsoSingle || !IS_SINGLE.test(character));
}

function characterAt(text: string, at: number): string {
  const code = text.codePointAt(at);
  return code === undefined ? "" : String.fromCodePoint(code);
}

function characterBefore(text: string, at: number): string {
  const two = text.slice(Math.max(0, at - 2), at);
  return [...two].at(-1) ?? "";
}

/** Where a part of at most 200 code points begins and ends that has the place not far from its beginning. */
function around(text: string, place: number): TextRange {
  const before = [...text.slice(0, place).slice(-2 * MAX_CODE_POINTS)];
  const after = [...text.slice(place, place + 2 * MAX_CODE_POINTS)];
  const ahead = Math.min(before.length, Math.max(BEFORE, MAX_CODE_POINTS - after.length));
  const start = place - before.slice(before.length - ahead).join("").length;
  const end = place + after.slice(0, MAX_CODE_POINTS - ahead).join("").length;
  return { start, end };
}

/** The places in order; those that overlap are one. */
function apart(places: readonly TextRange[]): TextRange[] {
  const found: TextRange[] = [];
  for (const { start, end } of [...places].sort((one, other) => one.start - other.start)) {
    const last = found.at(-1);
    if (last !== undefined && start < last.end) last.end = Math.max(last.end, end);
    else found.push({ start, end });
  }
  return found;
}

function countCodePoints(text: string): number {
  return [...text].length;
}
