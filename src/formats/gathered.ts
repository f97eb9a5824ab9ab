import { constants } from "node:buffer";

import { InputError } from "./format-errors.ts";

/** Bytes collected in pieces and joined once: joining at each piece would copy all bytes each time. */
export class Gathered {
  #pieces: Buffer[] = [];
  #size = 0;

  /** Adds a piece. Throws InputError for more than a string can hold; `line` is for its message. */
  add(bytes: Buffer, line: number): void {
    this.#size += bytes.length;
    if (this.#size > constants.MAX_STRING_LENGTH) {
      throw new InputError(`line ${line}: a conversation is too large to be read`);
    }
    if (bytes.length > 0) this.#pieces.push(bytes);
  }

  /** All pieces as one buffer; none remain. */
  take(): Buffer {
    const [first] = this.#pieces;
    const bytes = first !== undefined && this.#pieces.length === 1 ? first : Buffer.concat(this.#pieces);
    this.#pieces = [];
    this.#size = 0;
    return bytes;
  }
}
