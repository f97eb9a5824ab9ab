import type { Output } from "./output.ts";

/** Writes what is selected of a source as JSON. */
export type Write<Source> = (source: Source, out: Output) => void;

/** Thrown while compiling what only the resolvers can answer. */
export class NotCompiled extends Error {}

export const NULL = Buffer.from("null");
const COMMA = 0x2c;
const [OPEN_ARRAY, CLOSE_ARRAY, OPEN_OBJECT, CLOSE_OBJECT] = [0x5b, 0x5d, 0x7b, 0x7d];

/** Writes an object of the fields, under their keys and in their order. */
export function writeObject<Source>(fields: readonly { key: string; write: Write<Source> }[]): Write<Source> {
  const parts = fields.map(({ key, write }, index) => ({
    opening: Buffer.from(`${index === 0 ? "" : ","}"${key}":`),
    write,
  }));
  return (source, out) => {
    out.writeByte(OPEN_OBJECT);
    for (const { opening, write } of parts) {
      out.write(opening);
      write(source, out);
    }
    out.writeByte(CLOSE_OBJECT);
  };
}

/** Writes an array of the sources. */
export function writeArray<Source>(write: Write<Source>): Write<readonly Source[]> {
  return (sources, out) => {
    out.writeByte(OPEN_ARRAY);
    let isFirst = true;
    for (const source of sources) {
      if (!isFirst) out.writeByte(COMMA);
      isFirst = false;
      write(source, out);
    }
    out.writeByte(CLOSE_ARRAY);
  };
}

/** Writes the JSON text, whatever the source. */
export function writeConstant(text: string): Write<unknown> {
  const bytes = Buffer.from(text);
  return (_source, out) => out.write(bytes);
}
