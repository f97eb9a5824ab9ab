import { useState } from "preact/hooks";

import { useNavigation } from "../place/use-place.ts";
import { countConditions, NO_CONDITIONS } from "./filter.ts";
import { useAgents } from "./use-agents.ts";

const STATES = { IN_PROGRESS: "In progress", DONE: "Done", STOPPED: "Stopped", ERROR: "Failed" };

/** The conditions of the list, folded. Each takes effect when its field is left. */
export function Filters() {
  const { place, go } = useNavigation();
  const count = countConditions(place);
  const [isOpen, setOpen] = useState(count > 0);
  const field = (name: "from" | "to" | "function" | "user") => ({
    name,
    value: place[name],
    onChange: (event: { currentTarget: HTMLInputElement }) => go({ [name]: event.currentTarget.value.trim() }),
  });
  return (
    <details class="filters" open={isOpen} onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>Filters{count > 0 && ` (${count})`}</summary>
      <div class="filter-fields">
        <AgentField isOpen={isOpen} />
        <label>
          A turn is
          <select name="state" value={place.state} onChange={(event) => go({ state: event.currentTarget.value })}>
            <option value="">in any state</option>
            {Object.entries(STATES).map(([state, label]) => (
              <option key={state} value={state}>
                {label}
              </option>
            ))}
          </select>
        </label>
        <label>
          User
          <input autocomplete="off" spellcheck={false} {...field("user")} />
        </label>
        <label>
          Active from
          <input type="date" {...field("from")} />
        </label>
        <label>
          Active until
          <input type="date" {...field("to")} />
        </label>
        <label class="wide">
          Called function
          <input autocomplete="off" spellcheck={false} {...field("function")} />
        </label>
        <label class="wide">
          Metadata, a key=value on each line
          <textarea
            name="metadata"
            rows={Math.max(1, place.metadata.length)}
            spellcheck={false}
            value={place.metadata.join("\n")}
            onChange={(event) => go({ metadata: linesOf(event.currentTarget.value) })}
          />
        </label>
        {count > 0 && (
          <button type="button" class="wide" onClick={() => go(NO_CONDITIONS)}>
            Clear filters
          </button>
        )}
      </div>
    </details>
  );
}

function AgentField({ isOpen }: { isOpen: boolean }) {
  const { place, go } = useNavigation();
  const agents = useAgents(isOpen);
  // A version of an agent, or one that is not read yet.
  const isBeside = place.agent !== "" && !agents.some(({ agent }) => agent.name === place.agent);
  return (
    <label class="wide">
      Agent
      <select name="agent" value={place.agent} onChange={(event) => go({ agent: event.currentTarget.value })}>
        <option value="">any, or none</option>
        {isBeside && <option value={place.agent}>{place.agent}</option>}
        {agents.map(({ agent: { name }, conversationCount }) => (
          <option key={name} value={name}>
            {name} ({conversationCount.toLocaleString("en")})
          </option>
        ))}
      </select>
    </label>
  );
}

function linesOf(text: string): string[] {
  return text
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "");
}
