import { cutOff, damaged, END_OF_ROWS, startDigest } from "./backup-format.ts";

const NEWLINE = 10;
const END = Buffer.from(`\n${END_OF_ROWS}`);
// The first line names every migration, each with 64 digits.
const LONGEST_LINE = 1_048_576;

/** Reads the content of a backup, not packed, line by line and table by table. Throws BackupError where its end is missing. */
export class BackupReader {
  readonly #source: AsyncIterator<Buffer>;
  readonly #digest = startDigest();
  #rest: Buffer = Buffer.alloc(0);

  constructor(content: AsyncIterable<Buffer>) {
    this.#source = content[Symbol.asyncIterator]();
  }

  /** The next line, without its end. It counts for the digest once `keep` is called for it. */
  async readLine(): Promise<string> {
    let end = this.#rest.indexOf(NEWLINE);
    while (end < 0) {
      if (this.#rest.length > LONGEST_LINE) throw damaged();
      await this.#read();
      end = this.#rest.indexOf(NEWLINE);
    }
    const line = this.#rest.toString("utf8", 0, end);
    this.#rest = this.#rest.subarray(end + 1);
    return line;
  }

  /** Adds the line to the digest: each but the last one, which has the digest. */
  keep(line: string): void {
    this.#digest.update(`${line}\n`);
  }

  /** The bytes of a table's rows. To be read to their end. */
  async *rows(): AsyncGenerator<Buffer> {
    // The line before the rows has ended: they may have none.
    let rest = Buffer.concat([Buffer.of(NEWLINE), this.#rest]);
    let sent = 1;
    for (;;) {
      const end = rest.indexOf(END);
      const ready = end < 0 ? Math.max(sent, rest.length - END.length + 1) : end + 1;
      if (ready > sent) {
        const bytes = rest.subarray(sent, ready);
        this.#digest.update(bytes);
        yield bytes;
      }
      if (end >= 0) {
        this.#digest.update(END_OF_ROWS);
        this.#rest = rest.subarray(end + END.length);
        return;
      }
      // The last bytes may be the beginning of the end.
      rest = Buffer.concat([rest.subarray(Math.max(0, ready - 1)), await this.#next()]);
      sent = 1;
    }
  }

  /** The digest of all that was read; to be called once. */
  digest(): string {
    return this.#digest.digest("hex");
  }

  /** Throws BackupError where anything is left. */
  async end(): Promise<void> {
    if (this.#rest.length > 0 || (await this.#source.next()).done !== true) throw damaged();
  }

  async #read(): Promise<void> {
    this.#rest = Buffer.concat([this.#rest, await this.#next()]);
  }

  async #next(): Promise<Buffer> {
    const { done, value } = await this.#source.next();
    if (done === true) throw cutOff();
    return value;
  }
}
