import { useState } from "react";
import { useMutation, useQuery } from "urql";

import { DELETE, INBOX } from "./documents.ts";
import { Transcript } from "./transcript.tsx";

/** The caller's conversations, last changed first, with the open one beside them. */
export function Inbox() {
  const [after, setAfter] = useState<string | null>(null);
  const [open, setOpen] = useState<string | null>(null);
  const [{ data, error }] = useQuery({ query: INBOX, variables: { first: 5, after } });
  const [, remove] = useMutation(DELETE);
  if (error !== undefined) return <p role="alert">{error.message}</p>;
  if (data === undefined) return <p>Loading</p>;
  const { edges, pageInfo } = data.conversations;
  return (
    <main>
      <ul>
        {edges.map(({ node: { id, title, preview } }) => (
          <li key={id}>
            <button type="button" onClick={() => setOpen(id)}>
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
        <button type="button" onClick={() => setAfter(pageInfo.endCursor ?? null)}>
          More
        </button>
      )}
      {open !== null && <Transcript key={open} id={open} />}
    </main>
  );
}
