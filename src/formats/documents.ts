import { constants } from "node:buffer";

import { parseJson } from "../model/json.ts";
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
 * The JSON documents of an input, in their order: one for each line when the lines stand alone (JSON Lines), else the
 * input as one document. JSON Lines are read line by line in constant memory; one document is read whole, so a large one
 * is better written as lines. Nothing for a blank input.
 */
export async function* readDocuments(stream: AsyncIterable<Buffer>): AsyncGenerator<JsonDocument> {
  const lines = readLines(stream);
  const begun: TextLine[] = [];
  let length = 0;
  for await (const line of lines) {
    const previous = begun.at(-1);
    const isJsonLines = previous === undefined ? !isBroken(parseLine(line)) : standsAlone(line, previous);
    begun.push(line);
    if (isJsonLines) {
      yield* begun.map(parseLine);
      for await (const later of lines) yield parseLine(later);
      return;
    }
    length += (line.text?.length ?? 0) + 1;
    if (length > constants.MAX_STRING_LENGTH)
      throw new InputError("is too large for one JSON document: write JSON Lines");
  }
  if (begun.length > 0) yield parseWhole(begun);
}

/**
 * Whether the line is a document beside another, broken line. In one document, a value on a line of its own comes behind
 * a comma, a bracket or a colon; and where a comma is missing, it is indented mostly.
 */
function standsAlone(line: TextLine, previous: TextLine): boolean {
  if (line.text === null || !/^[[{]/.test(line.text)) return false;
  if (previous.text !== null && /[,[:]\s*$/.test(previous.text)) return false;
  return !isBroken(parseLine(line));
}

function isBroken({ content }: JsonDocument): boolean {
  return content instanceof RecordError;
}

function parseWhole(lines: readonly TextLine[]): JsonDocument {
  const unreadable = lines.find(({ text }) => text === null);
  if (unreadable !== undefined) return parseLine(unreadable);
  const content = parse(lines.map(({ text }) => text).join("\n"));
  return { line: null, content, bytesRead: lines.at(-1)?.bytesRead ?? 0 };
}

function parseLine({ number, text, bytesRead }: TextLine): JsonDocument {
  const content = text === null ? new RecordError("", "is not valid UTF-8") : parse(text);
  return { line: number, content, bytesRead };
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
