import { type FormEvent, useEffect, useState } from "react";
import { useMutation, useQuery } from "urql";

import { RENAME, SEND, TRANSCRIPT } from "./documents.ts";
import type { SaidFragment, TurnInput } from "./gql/graphql.ts";
import { useTurns } from "./live.ts";

/**
 * A conversation as it is said, its newest turns first read, which can be renamed and gone on with. Reads back to the turn
 * that was found, if any.
 */
export function Transcript({ id, found }: { id: string; found: string | null }) {
  const [before, setBefore] = useState<string | null>(null);
  const [{ data, error }] = useQuery({ query: TRANSCRIPT, variables: { id, before } });
  // From the first answer on: a later revision would begin the subscription again.
  const [after, setAfter] = useState<number | null>(null);
  if (after === null && data?.conversation) setAfter(data.conversation.revision);
  useTurns(id, after);
  const [, rename] = useMutation(RENAME);
  const [{ error: unsent }, send] = useMutation(SEND);
  const say = (content: string) => {
    // An id of our own: the turn is the same before the answer and after it.
    const turn: TurnInput = { id: crypto.randomUUID(), role: "USER", messages: [{ text: { content } }] };
    return send({ input: { conversationId: id, turn } });
  };
  const turns = data?.conversation?.turns;
  const isShown = found === null || turns?.edges.some(({ node }) => node.id === found);
  const earlier = turns?.pageInfo.hasPreviousPage ? (turns.pageInfo.startCursor ?? null) : null;
  useEffect(() => {
    if (!isShown && earlier !== null) setBefore(earlier);
    if (isShown) document.querySelector("section [aria-current=true]")?.scrollIntoView({ block: "center" });
  }, [isShown, earlier]);
  const withText = (act: (text: string) => void) => (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    act(String(new FormData(event.currentTarget).get("text")));
    event.currentTarget.reset();
  };
  if (error !== undefined) return <p role="alert">{error.message}</p>;
  if (data === undefined) return <p>Loading</p>;
  if (!data.conversation) return <p role="status">This conversation is gone.</p>;
  return (
    <section>
      <h1>{data.conversation.title}</h1>
      <form aria-label="Rename" onSubmit={withText((title) => rename({ id, title }))}>
        <input name="text" placeholder="Another title" />
      </form>
      {earlier !== null && (
        <button type="button" onClick={() => setBefore(earlier)}>
          Earlier
        </button>
      )}
      <ol>
        {turns?.edges.map(({ node }) => (
          <li key={node.id} data-role={node.role} data-state={node.state} aria-current={node.id === found}>
            {node.messages.map(said).join(" ")}
          </li>
        ))}
      </ol>
      {unsent !== undefined && <p role="alert">{unsent.message}</p>}
      <form aria-label="Send" onSubmit={withText(say)}>
        <input name="text" placeholder="Say something" />
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
