import type { DocumentNode } from "graphql";
import type { Plugin } from "graphql-yoga";
import { LRUCache } from "lru-cache";

// A client has a few hundred documents of some KB: a longer one is parsed and validated for each request.
const LONGEST_CHARACTERS = 20_000;
const MAX_BYTES = 67_108_864;

// Measured on documents of all shapes: a token with its part of the tree, of the compiled form and of what was counted takes
// 400 to 800 bytes.
const BYTES_OF_TOKEN = 1000;
const BYTES_OF_DOCUMENT = 2000;

/** The documents that were found valid, by their text. */
export interface DocumentCache {
  get(text: string): DocumentNode | undefined;
  /** Keeps the document, unless it is a long one. */
  add(document: DocumentNode): void;
}

/** A cache bounded by the bytes that its documents take with all that is remembered of them, for all callers together. */
export function createDocumentCache(): DocumentCache {
  const documents = new LRUCache<string, DocumentNode>({ maxSize: MAX_BYTES, sizeCalculation: sizeOf });
  return {
    get: (text) => documents.get(text),
    add(document) {
      const text = document.loc?.source.body;
      if (text !== undefined && text.length <= LONGEST_CHARACTERS) documents.set(text, document);
    },
  };
}

/**
 * Parses and validates a document once. In the place of Yoga's own cache, which is bounded by number, keeps the errors of
 * documents that are refused, and documents of callers that are not let in yet.
 */
export function useDocumentCache(cache: DocumentCache): Plugin {
  // Nothing is kept that is not valid, and so nothing that was only parsed.
  const valid = new WeakSet<DocumentNode>();
  return {
    onParse({ params, setParsedDocument }) {
      const known = cache.get(String(params.source));
      if (known !== undefined) setParsedDocument(known);
    },
    onValidate({ params: { documentAST }, setResult }) {
      if (valid.has(documentAST)) {
        setResult([]);
        return undefined;
      }
      return ({ valid: isValid }) => {
        if (!isValid) return;
        valid.add(documentAST);
        cache.add(documentAST);
      };
    },
  };
}

function sizeOf({ loc }: DocumentNode, text: string): number {
  let size = BYTES_OF_DOCUMENT + 2 * text.length;
  for (let token = loc?.startToken; token; token = token.next ?? undefined) size += BYTES_OF_TOKEN;
  return size;
}
