import type { Samples } from "./samples.ts";

/** What one request asks for, in words that are no contender's own. */
export interface Ask {
  /** The user of the listed conversations; all users when omitted. */
  user?: string;
  agentName?: string;
  agentVersion?: string;
  /** Name and version in one, as this project spells them. */
  agentId?: string;
  offset?: number;
  /** The conversation that the page begins after. */
  place?: Place;
  /** The same as a cursor of the server that is asked. */
  after?: string;
  /** The conversation that is looked up. */
  id?: string;
}

export interface Place {
  id: string;
  createdAt: string;
  /** How many conversations lie before and at it. */
  depth: number;
}

export interface Query {
  name: string;
  title: string;
  /** Where this project answers it; the others answer everything over GraphQL, and the floor in its own way. */
  surface: "graphql" | "foundry" | "fixie";
  /** The list's page size, or null for a look at one conversation. */
  first: number | null;
  /** What every one of its asks gives. */
  by: readonly ("user" | "agentName" | "agent" | "offset" | "place" | "id")[];
  /** Whether id alone is wanted of a conversation, or also when it was created and its metadata. */
  details: boolean;
  total: boolean;
  /** Which turns of each conversation are wanted: the first or last so many, or all. */
  turns: { first: number } | { last: number } | "all" | null;
  /** The requests that the load consists of, in turn. */
  asks(samples: Samples): Ask[];
}

const LIST = { surface: "graphql", first: 20, details: true, total: false, turns: null } as const;
const byUser = ({ users }: Samples): Ask[] => users.map((user) => ({ user }));

export const QUERIES: readonly Query[] = [
  { ...LIST, name: "q1", title: "first 20 conversations of one user", by: ["user"], asks: byUser },
  { ...LIST, name: "q2", title: "the same with 10 turns each", by: ["user"], turns: { first: 10 }, asks: byUser },
  {
    ...LIST,
    name: "q3",
    title: "a page deep in the list, by cursor",
    by: ["place"],
    asks: ({ places }) => places.map((place) => ({ place })),
  },
  {
    ...LIST,
    name: "q3b",
    title: "the same by offset, with totalCount",
    by: ["offset"],
    total: true,
    asks: ({ places }) => places.map(({ depth }) => ({ offset: depth })),
  },
  {
    ...LIST,
    name: "q4",
    title: "one long conversation, its last 50 turns",
    first: null,
    by: ["id"],
    turns: { last: 50 },
    asks: ({ longConversations }) => longConversations.map((id) => ({ id })),
  },
  { ...LIST, surface: "foundry", name: "foundry-20", title: "Foundry's list, one user", by: ["user"], asks: byUser },
  {
    ...LIST,
    surface: "foundry",
    name: "foundry-100",
    title: "Foundry's list, 100 of one agent",
    first: 100,
    by: ["agentName"],
    asks: ({ agents }) => agents.map(({ agentName }) => ({ agentName })),
  },
  {
    ...LIST,
    surface: "fixie",
    name: "fixie-100",
    title: "Fixie's list, 100 conversations with all turns",
    first: 100,
    by: ["agent"],
    details: false,
    total: true,
    turns: "all",
    asks: ({ agents }) => agents,
  },
];
