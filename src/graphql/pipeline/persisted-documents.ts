import { hash } from "node:crypto";

import { LRUCache } from "lru-cache";

import type { Broadcast } from "../../model/broadcast.ts";
import { ApiError } from "../../model/errors.ts";
import { type AskedParams, digestIn, type Params } from "./parse-request.ts";

// As the cache of documents: a client's are shorter, and a longer one is sent with each request.
const LONGEST_CHARACTERS = 20_000;
const MAX_BYTES = 16_777_216;

/** A document that a caller has sent with its hash, under its place in the cache. */
export interface SentDocument {
  key: string;
  text: string;
}

export interface PersistedOptions {
  /** The documents that the settings trust, by their ids. */
  trusted: ReadonlyMap<string, string>;
  /** Whether no other document is answered. */
  onlyTrusted: boolean;
  /** What other processes of this server are sent, whose connections a caller may come on next; null without others. */
  others: Broadcast<SentDocument> | null;
}

/**
 * The parameters of a request with the text of its document, where it names the document by an id. Trusted documents are found
 * first. Others are kept by their SHA-256 once a caller of the same project has sent one with it, as the protocol of automatic
 * persisted queries has it: a caller learns nothing of what other projects ask. PERSISTED_QUERY_NOT_FOUND for an id that is not
 * known here, PERSISTED_QUERY_MISMATCH for one that is not the text's, PERSISTED_QUERY_ID_REQUIRED and
 * PERSISTED_QUERY_NOT_IN_LIST where only trusted documents are answered.
 */
export type FindDocument = (asked: AskedParams, projectId: string) => Params;

/** The documents of the settings, and those that callers persist: bounded in bytes, for all projects together. */
export function createFindDocument({ trusted, onlyTrusted, others }: PersistedOptions): FindDocument {
  const sent = new LRUCache<string, string>({ maxSize: MAX_BYTES, sizeCalculation: sizeOf });
  others?.receive(({ key, text }) => sent.set(key, text));

  function keep(id: string, text: string, key: string): string {
    if (hash("sha256", text) !== id) throw mismatch();
    if (text.length <= LONGEST_CHARACTERS && sent.get(key) === undefined) {
      sent.set(key, text);
      // Not waited for: a process that does not know it yet says so, and the caller sends it again.
      void others?.send({ key, text });
    }
    return text;
  }

  function find(asked: AskedParams, projectId: string): string {
    const { query, documentId } = asked;
    const digest = digestIn(asked);
    const id = documentId ?? digest;
    const known = id === undefined ? undefined : trusted.get(id);
    if (known !== undefined) {
      if (query !== undefined && query !== known) throw mismatch();
      return known;
    }
    if (onlyTrusted) throw id === undefined ? idRequired() : notInList();
    if (digest === undefined || documentId !== undefined) {
      if (query === undefined) throw notFound();
      if (documentId !== undefined) throw mismatch();
      return query;
    }
    const key = `${projectId}\n${digest}`;
    const text = query === undefined ? sent.get(key) : keep(digest, query, key);
    if (text === undefined) throw notFound();
    return text;
  }

  return (asked, projectId) => {
    const { documentId: _id, ...params } = asked;
    return { ...params, query: find(asked, projectId) };
  };
}

function sizeOf(text: string, key: string): number {
  return 2 * (text.length + key.length) + 200;
}

// Clients look for these messages and codes, not for sentences.

function notFound(): ApiError {
  return new ApiError("PERSISTED_QUERY_NOT_FOUND", "PersistedQueryNotFound");
}

function mismatch(): ApiError {
  return new ApiError("PERSISTED_QUERY_MISMATCH", "The id is not that of the document that was sent with it.");
}

function idRequired(): ApiError {
  return new ApiError("PERSISTED_QUERY_ID_REQUIRED", "Only trusted documents are answered: name one by its id.");
}

function notInList(): ApiError {
  return new ApiError("PERSISTED_QUERY_NOT_IN_LIST", "Only trusted documents are answered, and this is none of them.");
}
