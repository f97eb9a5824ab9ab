import { pipeline, Readable } from "node:stream";
import { createGunzip } from "node:zlib";

import { InputError } from "./format-errors.ts";

const GZIP = Buffer.from([0x1f, 0x8b]);
const BYTE_ORDER_MARK = Buffer.from([0xef, 0xbb, 0xbf]);

/** The first bytes of files that are not text in UTF-8, and what to do with each. */
const UNREADABLE: readonly { first: readonly (number | null)[]; problem: string }[] = [
  { first: [0xff, 0xfe], problem: "is UTF-16: save it as UTF-8" },
  { first: [0xfe, 0xff], problem: "is UTF-16: save it as UTF-8" },
  // Without a byte order mark: the first character of JSON is ASCII, so the other byte is zero.
  { first: [null, 0x00], problem: "is UTF-16: save it as UTF-8" },
  { first: [0x00, null], problem: "is UTF-16: save it as UTF-8" },
  { first: [0x50, 0x4b, 0x03, 0x04], problem: "is a ZIP archive: import the files in it" },
  // Gzip is unpacked by then.
  { first: [...GZIP], problem: "is packed twice: unpack it once" },
  { first: [0x28, 0xb5, 0x2f, 0xfd], problem: "is a Zstandard file: unpack it" },
  { first: [0xfd, 0x37, 0x7a, 0x58], problem: "is an xz file: unpack it" },
  { first: [0x42, 0x5a, 0x68], problem: "is a bzip2 file: unpack it" },
];

/** The bytes of an input in chunks: unpacked when they are gzip, without a byte order mark. */
export class ByteSource {
  readonly #chunks: AsyncIterator<Buffer>;
  readonly #countRead: () => number;
  #unread: Buffer[] = [];

  private constructor(chunks: AsyncIterable<Buffer>, countRead: () => number) {
    this.#chunks = chunks[Symbol.asyncIterator]();
    this.#countRead = countRead;
  }

  /** Opens the stream and looks at its first bytes. Throws InputError for bytes that are known not to be UTF-8. */
  static async open(stream: AsyncIterable<Buffer>): Promise<ByteSource> {
    let bytesRead = 0;
    async function* counted(): AsyncGenerator<Buffer> {
      for await (const chunk of stream) {
        bytesRead += chunk.length;
        yield chunk;
      }
    }
    const stored = new ByteSource(counted(), () => bytesRead);
    const isGzip = (await stored.#peek(GZIP.length)).equals(GZIP);
    const source = isGzip ? new ByteSource(unpack(stored), () => bytesRead) : stored;
    const first = await source.#peek(4);
    for (const { first: mark, problem } of UNREADABLE) {
      if (first.length >= mark.length && mark.every((byte, index) => byte === null || byte === first[index])) {
        throw new InputError(problem);
      }
    }
    await source.#skip(BYTE_ORDER_MARK);
    return source;
  }

  /** The bytes of the input read so far, before unpacking. */
  get bytesRead(): number {
    return this.#countRead();
  }

  /** The next chunk, never empty; null at the end. Throws InputError for a broken gzip file. */
  async read(): Promise<Buffer | null> {
    for (;;) {
      const chunk = this.#unread.pop() ?? (await this.#next());
      if (chunk === null || chunk.length > 0) return chunk;
    }
  }

  /** Puts bytes back, to be read next. */
  unread(...chunks: readonly Buffer[]): void {
    this.#unread.push(...chunks.toReversed());
  }

  /** Closes the stream. */
  async close(): Promise<void> {
    await this.#chunks.return?.();
  }

  async #next(): Promise<Buffer | null> {
    const { done, value } = await this.#chunks.next();
    return done === true ? null : value;
  }

  /** The next bytes without consuming them; fewer at the end. */
  async #peek(length: number): Promise<Buffer> {
    const chunks: Buffer[] = [];
    let size = 0;
    while (size < length) {
      const chunk = await this.read();
      if (chunk === null) break;
      chunks.push(chunk);
      size += chunk.length;
    }
    const bytes = Buffer.concat(chunks);
    this.unread(bytes);
    return bytes.subarray(0, length);
  }

  async #skip(mark: Buffer): Promise<void> {
    if (!(await this.#peek(mark.length)).equals(mark)) return;
    const chunk = await this.read();
    if (chunk !== null) this.unread(chunk.subarray(mark.length));
  }
}

async function* unpack(source: ByteSource): AsyncGenerator<Buffer> {
  const gunzip = createGunzip();
  // An error of the source destroys `gunzip`, and so reaches the loop below.
  pipeline(Readable.from(chunksOf(source)), gunzip, () => {});
  try {
    for await (const chunk of gunzip) yield chunk;
  } catch (error) {
    const isBroken = error instanceof Error && "code" in error && String(error.code).startsWith("Z_");
    throw isBroken ? new InputError(`is a broken gzip file: ${error.message}`) : error;
  }
}

async function* chunksOf(source: ByteSource): AsyncGenerator<Buffer> {
  try {
    for (let chunk = await source.read(); chunk !== null; chunk = await source.read()) yield chunk;
  } finally {
    await source.close();
  }
}
