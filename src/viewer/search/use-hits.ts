import { useEffect, useState } from "preact/hooks";

import { useClient } from "../graph/client.ts";
import { describeError } from "../graph/errors.ts";
import type { Filter } from "../list/documents.ts";
import { type Hit, SEARCH_TURNS } from "./documents.ts";

/** Turns that a search found, as far as they were read. */
export interface Hits {
  hits: readonly Hit[];
  hasMore: boolean;
  isLoading: boolean;
  fault: string | null;
  more(): void;
}

/** The turns that have the words, in the list's conversations. Both stay the same for the life of the component. */
export function useHits(search: string, filter: Filter | null): Hits {
  const client = useClient();
  const [hits, setHits] = useState<readonly Hit[]>([]);
  const [cursor, setCursor] = useState<string | null>(null);
  const [isLoading, setLoading] = useState(true);
  const [fault, setFault] = useState<string | null>(null);

  async function read(after: string | null): Promise<void> {
    setLoading(true);
    const { data, error } = await client.query(SEARCH_TURNS, { search, filter, after }).toPromise();
    setLoading(false);
    setFault(error === undefined ? null : describeError(error));
    if (data === undefined) return;
    const { edges, pageInfo } = data.searchTurns;
    setHits((known) => [...known, ...edges]);
    setCursor(pageInfo.hasNextPage ? pageInfo.endCursor : null);
  }

  useEffect(() => {
    read(null);
  }, [client]);

  const more = () => {
    if (!isLoading) read(cursor);
  };
  return { hits, hasMore: cursor !== null, isLoading, fault, more };
}
