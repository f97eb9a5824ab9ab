import { type FormEvent, useState } from "react";
import { useQuery } from "urql";

import { SEARCH } from "./documents.ts";
import type { SearchQuery } from "./gql/graphql.ts";

type Hit = SearchQuery["searchTurns"]["edges"][number];

/** Finds turns by their words; a click opens one. */
export function Search({ onOpen }: { onOpen(conversation: string, turn: string): void }) {
  const [words, setWords] = useState("");
  const [{ data, error }] = useQuery({ query: SEARCH, variables: { words }, pause: words === "" });
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    setWords(String(new FormData(event.currentTarget).get("words")).trim());
  };
  const hits = words === "" ? [] : (data?.searchTurns.edges ?? []);
  return (
    <search>
      <form aria-label="Search" onSubmit={submit}>
        <input name="words" type="search" placeholder="Search" />
      </form>
      {words !== "" && error !== undefined && <p role="alert">{error.message}</p>}
      <ol aria-label="Hits">
        {hits.map((hit) => (
          <li key={hit.cursor}>
            <button type="button" onClick={() => onOpen(hit.node.conversation.id, hit.node.id)}>
              {hit.node.conversation.title ?? "Untitled"}
            </button>
            <p>{marked(hit)}</p>
          </li>
        ))}
      </ol>
    </search>
  );
}

/** The snippet with its matches marked. Their places are code points, which are not JavaScript's characters. */
function marked({ snippet, matches }: Hit) {
  const points = Array.from(snippet);
  const part = (start: number, end?: number) => points.slice(start, end).join("");
  const ends = [0, ...matches.map(({ end }) => end)];
  const parts = matches.flatMap(({ start, end }, index) => [
    part(ends[index] ?? 0, start),
    <mark key={start}>{part(start, end)}</mark>,
  ]);
  return [...parts, part(ends.at(-1) ?? 0)];
}
