import type { RefObject } from "preact";
import { useEffect, useLayoutEffect, useMemo, useReducer, useRef } from "preact/hooks";

import { useClient } from "../graph/client.ts";
import { ScrollAnchor } from "./scroll-anchor.ts";
import { TranscriptStore } from "./transcript-store.ts";

/** The store of the conversation, whose changes render the component that asks for it. It opens at the turn, where one is named. */
export function useTranscript(conversation: string, turn: string | null): TranscriptStore {
  const client = useClient();
  const [, render] = useReducer((count: number) => count + 1, 0);
  const store = useMemo(
    () => new TranscriptStore(client, conversation, () => render(undefined)),
    [client, conversation],
  );
  useEffect(() => () => store.close(), [store]);
  useEffect(() => {
    const isShown = store.state.phase === "shown" && (turn === null || store.has(turn));
    if (!isShown) void store.open(turn);
  }, [store, turn]);
  return store;
}

/** The anchor of the scrolling element, which puts the turn that the URL names in its place as soon as it is there. */
export function useAnchor(
  scroller: RefObject<HTMLElement | null>,
  content: RefObject<HTMLElement | null>,
  turn: string | null,
): RefObject<ScrollAnchor | null> {
  const anchor = useRef<ScrollAnchor | null>(null);
  const placed = useRef<string | null>(null);
  const [, render] = useReducer((count: number) => count + 1, 0);
  useLayoutEffect(() => {
    if (scroller.current === null || content.current === null) return;
    let wasAtEnd = true;
    const made = new ScrollAnchor(scroller.current, content.current, () => {
      if (made.isAtEnd !== wasAtEnd) render(undefined);
      wasAtEnd = made.isAtEnd;
    });
    anchor.current = made;
    return () => made.close();
  }, []);
  // After every render: it may have changed the turns.
  useLayoutEffect(() => {
    const element = turn === null || placed.current === turn ? null : document.getElementById(`turn-${turn}`);
    if (element === null) anchor.current?.restore();
    else anchor.current?.place(element);
    if (element !== null || turn === null) placed.current = turn;
  });
  return anchor;
}
