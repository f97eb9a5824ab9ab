/**
 * Text that comes in pieces may be cut inside a surrogate pair, as a JavaScript string is cut by code units. PostgreSQL
 * stores no half of a pair: the first half waits beside the text for the piece that brings the second.
 */

const REPLACEMENT = "\uFFFD";

/** The piece without the second half of a pair at its start, and without the first half of one at its end. */
export function withoutHalves(piece: string): string {
  return piece.slice(isLow(piece, 0) ? 1 : 0, isHigh(piece, piece.length - 1) ? -1 : piece.length);
}

/**
 * What the piece adds to a text that ended with the high surrogate `held` (a code unit; null for none), and the one that it
 * ends with itself. Null for a piece that does not complete the pair, and for one that completes a pair where none is open.
 */
export function joinHalves(held: number | null, piece: string): { text: string; held: number | null } | null {
  if (piece === "") return { text: "", held };
  if ((held !== null) !== isLow(piece, 0)) return null;
  const text = held === null ? piece : String.fromCharCode(held) + piece;
  return isHigh(text, text.length - 1)
    ? { text: text.slice(0, -1), held: text.charCodeAt(text.length - 1) }
    : { text, held: null };
}

/** What stands for half a pair in a text that ended before the other half came, as decoders of UTF-8 have it. */
export function endHalf(held: number | null): string {
  return held === null ? "" : REPLACEMENT;
}

function isHigh(text: string, index: number): boolean {
  const unit = text.charCodeAt(index);
  return unit >= 0xd800 && unit <= 0xdbff;
}

function isLow(text: string, index: number): boolean {
  const unit = text.charCodeAt(index);
  return unit >= 0xdc00 && unit <= 0xdfff;
}
