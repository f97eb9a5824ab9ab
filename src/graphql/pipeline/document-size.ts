import { type DocumentNode, type GraphQLError, visit } from "graphql";
import type { Plugin } from "graphql-yoga";

import type { Context } from "../schema/context.ts";

const LONGEST_NAME = 255;

/** Holds documents to what their number of tokens does not bound; `exceeded` makes the error. */
export function useDocumentSize(maxLines: number, exceeded: (message: string) => GraphQLError): Plugin<Context> {
  return {
    onParse({ parseFn, setParseFn }) {
      setParseFn((source, options) => {
        // Every error counts the lines before its place. Comments end with their lines, and are no tokens.
        if (hasMoreLines(String(source), maxLines)) throw exceeded(`The document may have up to ${maxLines} lines.`);
        const document: DocumentNode = parseFn(source, options);
        // Errors and their paths repeat names: an alias those of every object that it fails for.
        visit(document, {
          Name({ value }) {
            if (value.length > LONGEST_NAME) throw exceeded(`A name may have up to ${LONGEST_NAME} characters.`);
          },
        });
        return document;
      });
    },
  };
}

function hasMoreLines(text: string, most: number): boolean {
  let lines = 0;
  for (const _end of text.matchAll(/\r\n|[\n\r]/g)) {
    lines += 1;
    if (lines === most) return true;
  }
  return false;
}
