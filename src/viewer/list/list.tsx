import { useRef } from "preact/hooks";

import { Fault } from "../parts/fault.tsx";
import { More } from "../parts/more.tsx";
import { useKeptFocus } from "../parts/use-kept-focus.ts";
import { useNavigation } from "../place/use-place.ts";
import { ConversationRow } from "./conversation-row.tsx";
import type { Filter } from "./documents.ts";
import { NO_CONDITIONS } from "./filter.ts";
import { useConversations } from "./use-conversations.ts";
import { useCount } from "./use-count.ts";

/** The conversations that meet the filter, newest activity first, as they come, change and go. Remounted for another filter. */
export function List({ filter }: { filter: Filter | null }) {
  const { place } = useNavigation();
  const { list, isLoading, fault, silence, more } = useConversations(filter);
  const count = useCount(filter, list);
  const rows = list?.rows ?? [];
  const element = useRef<HTMLUListElement>(null);
  useKeptFocus(element);
  return (
    <>
      <p class="list-status" role="status">
        {count === null
          ? "Loading…"
          : `${count.toLocaleString("en")} ${count === 1 ? "conversation" : "conversations"}`}
        {silence !== null && fault === null && ` · New ones are not shown: ${silence} Trying again.`}
      </p>
      {fault !== null && <Fault text={fault} />}
      <div class="scroll">
        <ul class="rows" ref={element} aria-busy={isLoading}>
          {rows.map((row) => (
            <li key={row.id}>
              <ConversationRow row={row} isOpen={row.id === place.conversation} />
            </li>
          ))}
        </ul>
        {list !== null && rows.length === 0 && list.end === null && <Empty isFiltered={filter !== null} />}
        {(list === null ? fault !== null : list.end !== null) && (
          <More onMore={more} isLoading={isLoading} hasFailed={fault !== null} length={rows.length} />
        )}
      </div>
    </>
  );
}

function Empty({ isFiltered }: { isFiltered: boolean }) {
  const { go } = useNavigation();
  return isFiltered ? (
    <div class="empty">
      <p>No conversation meets these filters.</p>
      <button type="button" onClick={() => go(NO_CONDITIONS)}>
        Clear filters
      </button>
    </div>
  ) : (
    <div class="empty">
      <p>Nothing is stored yet. Bring your own history, from a file of any of the formats that are known:</p>
      <pre>npm run import -- conversations.json</pre>
      <p>What agents write from now on appears here by itself.</p>
    </div>
  );
}
