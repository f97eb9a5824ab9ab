import type { JsonOutput } from "../../model/json-output.ts";

/** Writes what is selected of a source as JSON. */
export type Write<Source> = (source: Source, out: JsonOutput) => void;

/** Thrown while a document is compiled that only the resolvers can answer. */
export class NotCompiled extends Error {}

export const NULL = Buffer.from("null");
const COMMA = 0x2c;
const [OPEN_ARRAY, CLOSE_ARRAY] = [0x5b, 0x5d];

/** A field of an object under its key; its JSON text where that is the same for every source. */
export interface Field<Source> {
  key: string;
  value: Write<Source> | string;
}

/** Writes an object of the fields in their order. What is the same for every source is one piece. */
export function writeObject<Source>(fields: readonly Field<Source>[]): Write<Source> {
  const parts: { opening: Buffer; write: Write<Source> }[] = [];
  let ready = "{";
  for (const [index, { key, value }] of fields.entries()) {
    ready += `${index === 0 ? "" : ","}"${key}":`;
    if (typeof value === "string") {
      ready += value;
      continue;
    }
    parts.push({ opening: Buffer.from(ready), write: value });
    ready = "";
  }
  const closing = Buffer.from(`${ready}}`);
  return (source, out) => {
    for (const { opening, write } of parts) {
      out.write(opening);
      write(source, out);
    }
    out.write(closing);
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
