import { useMemo, useRef, useState } from "preact/hooks";

import { describeError } from "../graph/errors.ts";
import { Fault } from "../parts/fault.tsx";
import { useNavigation } from "../place/use-place.ts";
import { PageEdge } from "./page-edge.tsx";
import { pairCalls } from "./pair-calls.ts";
import { CopyContext, createCopy, useCopyOfCode } from "./transcript-copy.ts";
import { TranscriptHead } from "./transcript-head.tsx";
import type { ResponseFragment, Turn } from "./turn.ts";
import { TurnView } from "./turn-view.tsx";
import { useAnchor, useTranscript } from "./use-transcript.ts";

interface Props {
  conversation: string;
  turn: string | null;
}

/** The turns of a conversation; it begins at the turn where one is named, else at the newest. */
export function Transcript({ conversation, turn }: Props) {
  const store = useTranscript(conversation, turn);
  const { go } = useNavigation();
  const [said, say] = useState("");
  const copy = useMemo(() => createCopy(say), []);
  const scroller = useRef<HTMLDivElement>(null);
  const content = useRef<HTMLDivElement>(null);
  useCopyOfCode(content, copy);
  const anchor = useAnchor(scroller, content, turn);
  const { phase, head, list, loading, error } = store.state;
  const turns = useMemo(() => list.rows.map((row) => row.turn), [list.rows]);
  const responses = useResponses(turns);
  const toNewest = () => {
    if (turn !== null) go({ turn: "" }, "replace");
    if (list.hasNewer) void store.open(null);
    anchor.current?.toEnd();
  };
  const isMissing = phase === "shown" && turn !== null && !store.has(turn);
  return (
    <CopyContext.Provider value={copy}>
      {head !== null && <TranscriptHead head={head} say={say} />}
      {error !== null && <Fault text={describeError(error)} />}
      {phase === "failed" && (
        <button type="button" class="try-again" onClick={() => store.open(turn)}>
          Try again
        </button>
      )}
      {isMissing && <p class="fault">The turn of this link is not here. These are the newest turns.</p>}
      {phase === "gone" && (
        <p class="fault">This conversation is not here: it was deleted, or this key does not open it.</p>
      )}
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reached by the keyboard */}
      <section class="transcript" ref={scroller} tabIndex={0} aria-label="Turns" aria-busy={phase === "loading"}>
        <div ref={content}>
          <PageEdge side="older" store={store} />
          <ol class="turns">
            {turns.map((shown, index) => (
              <TurnView key={shown.id} turn={shown} responses={responses[index] ?? []} isTarget={shown.id === turn} />
            ))}
          </ol>
          {phase === "shown" && turns.length === 0 && <p class="hint">Nothing was said yet.</p>}
          <PageEdge side="newer" store={store} />
        </div>
      </section>
      {(list.hasNewer || anchor.current?.isAtEnd === false) && (
        <button type="button" class="to-newest" onClick={toNewest}>
          <span aria-hidden="true">↓</span> Newest turn
        </button>
      )}
      <p class="hidden-text" role="status">
        {said || progressOf(turns.at(-1), loading)}
      </p>
    </CopyContext.Provider>
  );
}

/** For each turn, what its view shows in the place of each fragment. */
function useResponses(turns: readonly Turn[]): (ResponseFragment | null)[][] {
  return useMemo(() => {
    const { responses, paired } = pairCalls(turns);
    return turns.map(({ messages }) =>
      messages.map((fragment) => {
        if (fragment.__typename === "FunctionCallFragment") return responses.get(fragment) ?? null;
        return fragment.__typename === "FunctionResponseFragment" && !paired.has(fragment) ? fragment : null;
      }),
    );
  }, [turns]);
}

/** For screen readers: an answer that grows is announced at its beginning and at its end. */
function progressOf(last: Turn | undefined, loading: "older" | "newer" | null): string {
  if (loading !== null) return `Loading ${loading} turns.`;
  if (last?.state === "IN_PROGRESS") return "The assistant is answering.";
  return last?.role === "ASSISTANT" ? "The assistant has answered." : "";
}
