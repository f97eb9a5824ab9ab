import { constants } from "node:buffer";

import { InputError } from "./format-errors.ts";

/** Bytes that are gathered in pieces: putting each to the ones before would copy those each time. */
export class Gathered {
  #pieces: Buffer[] = [];
  #size = 0;

  /** Throws InputError for more than a text can hold; `line` is for its message. */
  add(bytes: Buffer, line: number): void {
    this.#size += bytes.length;
    if (this.#size > constants.MAX_STRING_LENGTH) {
      throw new InputError(`line ${line}: a conversation is too large to be read`);
    }
    if (bytes.length > 0) this.#pieces.push(bytes);
  }

  /** All of them as one; none are left. */
  take(): Buffer {
    const [first] = this.#pieces;
    const bytes = first !== undefined && this.#pieces.length === 1 ? first : Buffer.concat(this.#pieces);
    this.#pieces = [];
    this.#size = 0;
    return bytes;
  }
}
