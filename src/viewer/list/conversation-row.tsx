import { Time } from "../parts/time.tsx";
import { Link } from "../place/link.tsx";
import type { Row } from "./documents.ts";

const STATES = { IN_PROGRESS: "in progress", DONE: "done", STOPPED: "stopped", ERROR: "failed" };

/** A conversation in the list: its name or opening words, with whom, when, and how its last turn stands. */
export function ConversationRow({ row, isOpen }: { row: Row; isOpen: boolean }) {
  const { title, preview, agent, lastTurn, updatedAt } = row;
  const name = title ?? preview;
  return (
    <Link class="row" to={{ conversation: row.id, turn: "" }} aria-current={isOpen ? "true" : undefined}>
      <span class="row-name" dir="auto">
        {name ?? "Nothing said yet"}
      </span>
      {title !== null && preview !== null && (
        <span class="row-preview" dir="auto">
          {preview}
        </span>
      )}
      <span class="row-facts">
        {agent !== null && <bdi class="row-agent">{agent.agentId}</bdi>}
        {lastTurn !== null && (
          <span class="state" data-state={lastTurn.state}>
            {STATES[lastTurn.state]}
          </span>
        )}
        <Time instant={updatedAt} />
      </span>
    </Link>
  );
}
