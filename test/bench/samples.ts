import { withAdmin } from "../harness/admin.ts";
import type { Place } from "./queries.ts";

/** What the requests ask for: several of each, so that no server answers from the same few rows all the time. */
export interface Samples {
  /** Users that have more than a page of conversations. */
  users: string[];
  /** Conversations at the depth of Q3. */
  places: Place[];
  /** The conversations with lengths nearest to 500 turns. */
  longConversations: string[];
  agents: { agentName: string; agentVersion: string; agentId: string }[];
}

const DEEPEST = 40_000;

/** Reads them from the seeded database: the same for the same data. */
export async function readSamples(databaseUrl: string, conversations: number): Promise<Samples> {
  const depth = Math.min(DEEPEST, Math.floor(conversations * 0.4));
  return withAdmin(databaseUrl, async (admin) => {
    const users = await admin<{ user: string }[]>`
      SELECT isolation_key AS user FROM conversations WHERE isolation_key IS NOT NULL
      GROUP BY 1 HAVING count(*) > 20 ORDER BY md5(isolation_key) LIMIT 24`;
    const places = await admin<Place[]>`
      SELECT id, to_json(created_at) #>> '{}' AS "createdAt", depth::integer FROM (
        SELECT id, created_at, row_number() OVER (ORDER BY created_at DESC, id DESC) AS depth FROM conversations
      ) AS list
      WHERE depth >= ${depth} AND depth < ${depth + 400} AND depth % 50 = 0 ORDER BY depth`;
    const long = await admin<{ id: string }[]>`
      SELECT conversation_id AS id FROM conversation_heads
      ORDER BY abs(turn_count - 500), conversation_id LIMIT 3`;
    const agents = await admin<Samples["agents"]>`
      SELECT DISTINCT agent_name AS "agentName", agent_version AS "agentVersion",
        agent_name || ':' || agent_version AS "agentId" FROM conversations
      WHERE agent_version IS NOT NULL ORDER BY 1, 2`;
    return { users: users.map((row) => row.user), places, longConversations: long.map((row) => row.id), agents };
  });
}
