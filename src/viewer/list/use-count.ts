import { useEffect, useState } from "preact/hooks";

import { useClient } from "../graph/client.ts";
import { COUNT, type Filter } from "./documents.ts";

// A list that changes all the time is counted no more often.
const PAUSE_MS = 2000;

/** How many conversations meet the filter, counted again some time after `rows` changes; null until it is known. */
export function useCount(filter: Filter | null, rows: unknown): number | null {
  const client = useClient();
  const [count, setCount] = useState<number | null>(null);
  useEffect(() => {
    const timer = setTimeout(
      async () => {
        const { data } = await client.query(COUNT, { filter }).toPromise();
        if (data !== undefined) setCount(data.conversations.totalCount);
      },
      count === null ? 0 : PAUSE_MS,
    );
    return () => clearTimeout(timer);
  }, [client, rows]);
  return count;
}
