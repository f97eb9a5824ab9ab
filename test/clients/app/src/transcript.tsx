import { type FormEvent, useState } from "react";
import { useMutation, useQuery, useSubscription } from "urql";

import { RENAME, SEND, TRANSCRIPT, WATCH } from "./documents.ts";
import type { SaidFragment } from "./gql/graphql.ts";

/** A conversation as it is said, which can be renamed and gone on with. */
export function Transcript({ id }: { id: string }) {
  const [{ data }] = useQuery({ query: TRANSCRIPT, variables: { id } });
  // From the first answer on: a later revision would begin the subscription again.
  const [after, setAfter] = useState<number | null>(null);
  if (after === null && data?.conversation) setAfter(data.conversation.revision);
  useSubscription({ query: WATCH, variables: { id, after: after ?? 0 }, pause: after === null });
  const [, rename] = useMutation(RENAME);
  const [, send] = useMutation(SEND);
  const withText = (act: (text: string) => void) => (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    act(String(new FormData(event.currentTarget).get("text")));
    event.currentTarget.reset();
  };
  if (!data?.conversation) return <p>Loading</p>;
  return (
    <section>
      <h1>{data.conversation.title}</h1>
      <form aria-label="Rename" onSubmit={withText((title) => rename({ id, title }))}>
        <input name="text" />
      </form>
      <ol>
        {data.conversation.turns.edges.map(({ node }) => (
          <li key={node.id} data-state={node.state}>
            {node.role}: {node.messages.map(said).join(" ")}
          </li>
        ))}
      </ol>
      <form aria-label="Send" onSubmit={withText((text) => send({ id, text }))}>
        <input name="text" />
      </form>
    </section>
  );
}

function said(fragment: SaidFragment["messages"][number]): string {
  switch (fragment.__typename) {
    case "TextFragment":
      return fragment.content;
    case "FunctionCallFragment":
      return `${fragment.name}()`;
    case "FunctionResponseFragment":
      return fragment.response;
  }
}
