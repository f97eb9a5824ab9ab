/** What the page shows, as its URL has it: "" and an empty list for what is not given. Keys are never part of it. */
export interface Place {
  conversation: string;
  /** The turn of the conversation to begin at. */
  turn: string;
  search: string;
  /** `name`, or `name:version`. */
  agent: string;
  state: string;
  /** Days by the reader's calendar, `2026-10-31`, between which a conversation was last active. */
  from: string;
  to: string;
  function: string;
  /** Pairs, `key=value`. */
  metadata: readonly string[];
  user: string;
}

const SINGLE = ["conversation", "turn", "search", "agent", "state", "from", "to", "function", "user"] as const;

/** The place that a URL's query names. What it has beside that is left out. */
export function parsePlace(query: string): Place {
  const given = new URLSearchParams(query);
  const text = (name: string) => given.get(name) ?? "";
  return {
    conversation: text("conversation"),
    turn: text("turn"),
    search: text("search"),
    agent: text("agent"),
    state: text("state"),
    from: text("from"),
    to: text("to"),
    function: text("function"),
    user: text("user"),
    metadata: given.getAll("metadata"),
  };
}

/** The place as a URL relative to the page's own. */
export function formatPlace(place: Place): string {
  const given = new URLSearchParams();
  for (const name of SINGLE) if (place[name] !== "") given.set(name, place[name]);
  for (const pair of place.metadata) given.append("metadata", pair);
  const query = given.toString();
  return query === "" ? "./" : `./?${query}`;
}
