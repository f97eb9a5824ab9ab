import { useState } from "react";
import { useMutation, useQuery } from "urql";

import { DELETE, FIRST_PAGE, INBOX } from "./documents.ts";
import type { InboxQueryVariables } from "./gql/graphql.ts";
import { useChanges } from "./live.ts";
import { Search } from "./search.tsx";
import { Transcript } from "./transcript.tsx";

/** The caller's conversations, last changed first and live, with the open one beside them. */
export function Inbox() {
  const [page, setPage] = useState<InboxQueryVariables>(FIRST_PAGE);
  const [open, setOpen] = useState<{ id: string; turn: string | null } | null>(null);
  const [{ data, error }] = useQuery({ query: INBOX, variables: page });
  useChanges();
  const [, remove] = useMutation(DELETE);
  if (data === undefined) return error === undefined ? <p>Loading</p> : <p role="alert">{error.message}</p>;
  const { edges, pageInfo } = data.conversations;
  return (
    <main>
      <nav>
        <Search onOpen={(id, turn) => setOpen({ id, turn })} />
        <ul aria-label="Conversations">
          {edges.map(({ node: { id, title, preview } }) => (
            <li key={id} aria-current={open?.id === id}>
              <button type="button" onClick={() => setOpen({ id, turn: null })}>
                {title ?? "Untitled"}
              </button>
              <small>{preview}</small>
              <button type="button" aria-label={`Delete ${title}`} onClick={() => remove({ id })}>
                ×
              </button>
            </li>
          ))}
        </ul>
        {pageInfo.hasNextPage && (
          <button type="button" onClick={() => setPage({ ...FIRST_PAGE, after: pageInfo.endCursor ?? null })}>
            More
          </button>
        )}
      </nav>
      {open !== null && <Transcript key={`${open.id} ${open.turn}`} id={open.id} found={open.turn} />}
    </main>
  );
}
