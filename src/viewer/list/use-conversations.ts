import { useEffect, useRef, useState } from "preact/hooks";

import { useClient } from "../graph/client.ts";
import { describeError } from "../graph/errors.ts";
import { watch } from "../graph/watch.ts";
import { CHANGES, CONVERSATIONS, type Filter } from "./documents.ts";
import { firstPage, type Rows, withChange, withFirstPage, withNextPage } from "./rows.ts";

const PAGE = 40;

/** A list that grows at its end on demand, and follows what changes. */
export interface Conversations {
  /** null until the first page is there. */
  list: Rows | null;
  isLoading: boolean;
  /** Why the last page could not be read. */
  fault: string | null;
  /** Why changes are not heard of; null where they are. */
  silence: string | null;
  more(): void;
}

/** The conversations that meet the filter. The filter stays the same for the life of the component. */
export function useConversations(filter: Filter | null): Conversations {
  const client = useClient();
  const [list, setList] = useState<Rows | null>(null);
  const [isLoading, setLoading] = useState(true);
  const [fault, setFault] = useState<string | null>(null);
  const [silence, setSilence] = useState<string | null>(null);
  const resume = useRef<string | null>(null);

  async function read(after: string | null): Promise<void> {
    setLoading(true);
    const { data, error } = await client.query(CONVERSATIONS, { first: PAGE, after, filter }).toPromise();
    setLoading(false);
    // An error beside data is that of last turns which are too long together: their rows show no state.
    setFault(error === undefined || data !== undefined ? null : describeError(error));
    const page = data?.conversations;
    if (page === undefined) return;
    setList((known) => {
      if (known === null) return firstPage(page);
      return after === null ? withFirstPage(known, page) : withNextPage(known, page);
    });
  }

  useEffect(
    () =>
      watch(client, {
        document: CHANGES,
        variables: () => ({ filter, after: resume.current }),
        // What changed before the connection stood comes with the page, unless the connection goes on from an event.
        onSettled: () => {
          if (resume.current === null) read(null);
        },
        onData: ({ conversationChanged }) => {
          resume.current = conversationChanged.cursor;
          setList((known) => known && withChange(known, conversationChanged));
        },
        onError: (error) => setSilence(error && describeError(error)),
      }),
    [client],
  );

  const more = () => {
    if (!isLoading) read(list?.endCursor ?? null);
  };
  return { list, isLoading, fault, silence, more };
}
