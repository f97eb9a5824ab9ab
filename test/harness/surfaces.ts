import type { FixieBody, FoundryBody, Problem } from "./get-list.ts";
import { type RawAnswer, rawGet } from "./raw-request.ts";

/** The conversations of the agent "a" on one of the three surfaces, with readers for that surface's ids and errors. */
export interface Surface {
  name: string;
  path: string;
  ids(text: string): string[];
  error(text: string): { message: string; argument: string | null };
}

const QUERY = '{ conversations(first: 100, filter: { agentName: "a" }) { totalCount nodes { id } } }';

interface GraphQLBody {
  data: { conversations: { totalCount: number; nodes: { id: string }[] } };
  errors: { message: string; extensions: { argument?: string } }[];
}

export const SURFACES: Surface[] = [
  {
    name: "GraphQL",
    path: `/graphql?query=${encodeURIComponent(QUERY)}`,
    ids(text) {
      const { data }: GraphQLBody = JSON.parse(text);
      return counted(data.conversations.nodes, data.conversations.totalCount);
    },
    error(text) {
      const { errors }: GraphQLBody = JSON.parse(text);
      return { message: errors[0]?.message ?? "", argument: errors[0]?.extensions.argument ?? null };
    },
  },
  {
    name: "Foundry",
    path: "/openai/v1/conversations?agent_name=a&limit=100",
    ids(text) {
      const { data }: FoundryBody = JSON.parse(text);
      return counted(data, data.length);
    },
    error(text) {
      const { error }: FoundryBody = JSON.parse(text);
      return { message: error.message, argument: error.param };
    },
  },
  {
    name: "Fixie",
    path: "/api/v1/agents/a/conversations",
    ids(text) {
      const { conversations, pageInfo }: FixieBody = JSON.parse(text);
      return counted(conversations, pageInfo.totalResultCount);
    },
    error(text) {
      const { detail, param }: Problem = JSON.parse(text);
      return { message: detail, argument: param ?? null };
    },
  },
];

/** Every surface with its answer to the same header lines. */
export function getEverywhere(
  origin: string,
  lines: readonly string[],
): Promise<{ surface: Surface; answer: RawAnswer }[]> {
  return Promise.all(
    SURFACES.map(async (surface) => ({ surface, answer: await rawGet(origin + surface.path, lines) })),
  );
}

/** What every surface answers to these header lines: its status with the ids, or with the message and argument of its error. */
export async function seenEverywhere(origin: string, lines: readonly string[]): Promise<[number, unknown][]> {
  const answers = await getEverywhere(origin, lines);
  return answers.map(({ surface, answer: { status, text } }) => [
    status,
    status === 200 ? surface.ids(text) : surface.error(text),
  ]);
}

/** The same of every surface. */
export const everywhere = (status: number, seen: unknown) => SURFACES.map(() => [status, seen]);

function counted(rows: readonly { id: string }[], total: number): string[] {
  if (rows.length !== total) throw new Error(`${rows.length} rows of ${total}`);
  return rows.map(({ id }) => id);
}
