import type { ResultOf } from "gql.tada";
import { useEffect, useState } from "preact/hooks";

import { useClient } from "../graph/client.ts";
import { AGENTS } from "./documents.ts";

export type Agents = ResultOf<typeof AGENTS>["agents"]["nodes"];

/** All agents with their numbers of conversations, by name, read when `isWanted` becomes true. */
export function useAgents(isWanted: boolean): Agents {
  const client = useClient();
  const [agents, setAgents] = useState<Agents>([]);
  useEffect(() => {
    let isOver = !isWanted;
    const read = async () => {
      const all: Agents = [];
      for (let after: string | null = null; !isOver; ) {
        const { data } = await client.query(AGENTS, { after }).toPromise();
        if (data === undefined) return;
        all.push(...data.agents.nodes);
        if (data.agents.pageInfo.hasNextPage) after = data.agents.pageInfo.endCursor;
        else break;
      }
      if (!isOver) setAgents(all);
    };
    read();
    return () => {
      isOver = true;
    };
  }, [client, isWanted]);
  return agents;
}
