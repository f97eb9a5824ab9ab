import { useEffect, useRef } from "preact/hooks";

import type { TranscriptStore } from "./transcript-store.ts";

const AHEAD = "1200px";

/** An end of what is loaded: the next page comes when it nears the view, or at the press of its button. */
export function PageEdge({ side, store }: { side: "older" | "newer"; store: TranscriptStore }) {
  const edge = useRef<HTMLDivElement>(null);
  const { list, loading, error } = store.state;
  const hasMore = side === "older" ? list.hasOlder : list.hasNewer;
  const count = list.rows.length;
  useEffect(() => {
    // A page that failed comes at the button's press alone.
    if (edge.current === null || !hasMore || error !== null) return;
    const observer = new IntersectionObserver(
      (entries) => {
        if (entries.some(({ isIntersecting }) => isIntersecting)) void store.load(side);
      },
      { root: edge.current.closest(".transcript"), rootMargin: AHEAD },
    );
    observer.observe(edge.current);
    // Observed again with each page: one may be too short to fill the view.
    return () => observer.disconnect();
  }, [store, side, hasMore, count, error]);
  return (
    <div class="edge" ref={edge}>
      {hasMore && (
        <button type="button" disabled={loading !== null} onClick={() => store.load(side)}>
          {loading === side ? "Loading…" : `Load ${side} turns`}
        </button>
      )}
    </div>
  );
}
