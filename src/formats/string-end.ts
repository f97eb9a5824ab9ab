const LINE_FEED = 0x0a;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/** Finds the ends of JSON strings in the chunks of a text. Searches each character from its last place on. */
export class StringEnds {
  #chunk: Buffer = Buffer.alloc(0);
  #quote = -1;
  #backslash = -1;
  #lineFeed = -1;
  /** Whether the previous chunk ended with a backslash in a string. */
  #isEscaped = false;

  /** Continues with the next chunk. */
  setChunk(chunk: Buffer): void {
    this.#chunk = chunk;
    this.#quote = -1;
    this.#backslash = -1;
    this.#lineFeed = -1;
  }

  /**
   * The place of the quote that ends the string; the chunk's length when the string continues; -1 at a line break,
   * which no string may have.
   */
  find(from: number): number {
    const chunk = this.#chunk;
    let at = from;
    for (;;) {
      if (this.#isEscaped) {
        if (at === chunk.length) return at;
        if (chunk[at] === LINE_FEED) return -1;
        this.#isEscaped = false;
        at += 1;
      }
      if (this.#quote < at) this.#quote = indexOf(chunk, QUOTE, at);
      if (this.#backslash < at) this.#backslash = indexOf(chunk, BACKSLASH, at);
      if (this.#lineFeed < at) this.#lineFeed = indexOf(chunk, LINE_FEED, at);
      if (this.#lineFeed < this.#quote && this.#lineFeed < this.#backslash) return -1;
      if (this.#quote <= this.#backslash) return this.#quote;
      at = this.#backslash + 1;
      this.#isEscaped = true;
    }
  }
}

/** The place of the byte from there on; the chunk's length when there is none. */
function indexOf(chunk: Buffer, byte: number, from: number): number {
  const at = chunk.indexOf(byte, from);
  return at < 0 ? chunk.length : at;
}
