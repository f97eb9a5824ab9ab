import { useRef } from "preact/hooks";

import type { Filter } from "../list/documents.ts";
import { Fault } from "../parts/fault.tsx";
import { More } from "../parts/more.tsx";
import { Time } from "../parts/time.tsx";
import { useKeptFocus } from "../parts/use-kept-focus.ts";
import { Link } from "../place/link.tsx";
import { useNavigation } from "../place/use-place.ts";
import { MarkedText } from "./marked-text.tsx";
import { useHits } from "./use-hits.ts";

/** The turns that have the words, newest conversation first. Remounted for other words and another filter. */
export function HitList({ search, filter }: { search: string; filter: Filter | null }) {
  const { place } = useNavigation();
  const { hits, hasMore, isLoading, fault, more } = useHits(search, filter);
  const element = useRef<HTMLUListElement>(null);
  useKeptFocus(element);
  return (
    <>
      <p class="list-status" role="status">
        {isLoading && hits.length === 0 ? "Searching…" : describe(hits.length, hasMore)}
      </p>
      {fault !== null && <Fault text={fault} />}
      <div class="scroll">
        <ul class="rows" ref={element} aria-busy={isLoading}>
          {hits.map((hit) => {
            const { id, role, timestamp, conversation } = hit.node;
            return (
              <li key={id}>
                <Link
                  class="row"
                  to={{ conversation: conversation.id, turn: id }}
                  aria-current={id === place.turn ? "true" : undefined}
                >
                  {conversation.title !== null && (
                    <span class="row-name" dir="auto">
                      {conversation.title}
                    </span>
                  )}
                  <MarkedText snippet={hit.snippet} matches={hit.matches} />
                  <span class="row-facts">
                    <span>{role === "USER" ? "user" : "agent"}</span>
                    {conversation.agent !== null && <bdi class="row-agent">{conversation.agent.agentId}</bdi>}
                    <Time instant={timestamp} />
                  </span>
                </Link>
              </li>
            );
          })}
        </ul>
        {(hasMore || fault !== null) && (
          <More onMore={more} isLoading={isLoading} hasFailed={fault !== null} length={hits.length} />
        )}
      </div>
    </>
  );
}

function describe(count: number, hasMore: boolean): string {
  if (count === 0) return "No turn has these words.";
  return `${count.toLocaleString("en")}${hasMore ? " or more" : ""} ${count === 1 && !hasMore ? "turn" : "turns"}`;
}
