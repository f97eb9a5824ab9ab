import { constants } from "node:buffer";

import { parseJson } from "../json.ts";
import { InputError, RecordError } from "./format-errors.ts";
import { readLines, type TextLine } from "./text-lines.ts";

interface ParsedValue {
  value: unknown;
}

export interface JsonDocument {
  /** The line that holds the document; null when it is the whole input. */
  line: number | null;
  content: ParsedValue | RecordError;
  bytesRead: number;
}

/**
 * The JSON documents of an input, in their order: one for each line when the first line is a whole document (JSON
 * Lines), else the input as one document. JSON Lines are read line by line in constant memory; one document is read
 * whole, so a large one is better written as lines. Nothing for a blank input.
 */
export async function* readDocuments(stream: AsyncIterable<Buffer>): AsyncGenerator<JsonDocument> {
  const lines = readLines(stream);
  const first = await lines.next();
  if (first.done === true) return;
  const document = parseLine(first.value);
  if (document.content instanceof RecordError) {
    yield* readWhole(first.value, lines);
    return;
  }
  yield document;
  for await (const line of lines) yield parseLine(line);
}

async function* readWhole(first: TextLine, others: AsyncIterable<TextLine>): AsyncGenerator<JsonDocument> {
  const lines = [first];
  let length = first.text.length;
  for await (const line of others) {
    length += line.text.length + 1;
    if (length > constants.MAX_STRING_LENGTH)
      throw new InputError("is too large for one JSON document: write JSON Lines");
    lines.push(line);
  }
  const bytesRead = lines.at(-1)?.bytesRead ?? 0;
  const content = parse(lines.map(({ text }) => text).join("\n"));
  if (content instanceof RecordError && isDocument(lines[1])) yield* lines.map(parseLine);
  else yield { line: null, content, bytesRead };
}

/** Whether the second line stands alone: then these are JSON Lines whose first is broken, one bad record of many. */
function isDocument(second: TextLine | undefined): boolean {
  return second !== undefined && !(parse(second.text) instanceof RecordError);
}

function parseLine({ number, text, bytesRead }: TextLine): JsonDocument {
  return { line: number, content: parse(text), bytesRead };
}

function parse(text: string): ParsedValue | RecordError {
  try {
    return { value: parseJson(text) };
  } catch (error) {
    if (error instanceof SyntaxError) return new RecordError("", `is not JSON: ${error.message}`);
    // The parser goes as deep as the value is nested.
    if (error instanceof RangeError) return new RecordError("", "is nested too deeply");
    throw error;
  }
}
