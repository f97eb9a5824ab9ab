import { subscribe } from "node:diagnostics_channel";
import { fileURLToPath } from "node:url";

/** A statement of the product. */
export interface SeenStatement {
  text: string;
  /** The file of `src` that asked for it, by its path from there; empty where the stack does not say. */
  author: string;
}

const SRC = fileURLToPath(new URL("../../../src/", import.meta.url));
const TEST = fileURLToPath(new URL("../../", import.meta.url));
const SELF = fileURLToPath(import.meta.url);
// A statement's author is fewer calls away than that, through wrappers of tests too.
const FRAMES = 40;

/** Calls `onStatement` with each statement of the product that this process asks for from now on, each text once. */
export function observeStatements(onStatement: (seen: SeenStatement) => void): void {
  const known = new Set<string>();
  subscribe("conversation-graph:statement", (message) => {
    const text = String(message);
    if (known.has(text)) return;
    const author = findAuthor();
    // Of a test by itself: the product asks for none of its statements with that text.
    if (author === null) return;
    known.add(text);
    onStatement({ text, author });
  });
}

/** The author by the files on the stack, which is in the store where any is; null for a test. */
function findAuthor(): string | null {
  const files = filesOnStack();
  const ofProduct = files.flatMap((file) => (file.startsWith(SRC) ? [file.slice(SRC.length)] : []));
  const authors = ofProduct.filter((file) => !file.startsWith("store/database/"));
  const author = authors.find((file) => file.startsWith("store/")) ?? authors[0];
  if (author !== undefined) return author;
  return files.some((file) => file.startsWith(TEST) && file !== SELF) ? null : "";
}

/** Vitest would look each place up in a source map when the stack is asked for as text. */
function filesOnStack(): string[] {
  const { prepareStackTrace, stackTraceLimit } = Error;
  let files: string[] = [];
  Error.stackTraceLimit = FRAMES;
  Error.prepareStackTrace = (_error, sites) => {
    files = sites.map((site) => (site.getFileName() ?? "").replace(/^file:\/\//, ""));
    return "";
  };
  void new Error().stack;
  Object.assign(Error, { prepareStackTrace, stackTraceLimit });
  return files;
}
