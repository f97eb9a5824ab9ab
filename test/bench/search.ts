import { withAdmin } from "../harness/admin.ts";
import { startContender } from "./contenders.ts";
import { prepareDataset } from "./dataset.ts";
import type { Bench, Table } from "./part.ts";
import { runProject } from "./project.ts";
import { describeSpread, spreadOf } from "./ratios.ts";
import { PROJECT } from "./writes/writers.ts";

const REQUESTS = 20;
const DOCUMENT = `query ($filter: ConversationFilter, $first: Int!) {
  conversations(first: $first, filter: $filter) { nodes { id } pageInfo { hasNextPage } } }`;
const TOTAL = "query ($filter: ConversationFilter) { conversations(filter: $filter) { totalCount } }";

interface Asked {
  title: string;
  query: string;
  filter: object;
}

/** Searches and totals of one caller in each size: what grows with the data shows in a row. */
export async function measureSearch({ clusterUrl, options, signal, say }: Bench): Promise<Table[]> {
  const bySize: Map<string, string>[] = [];
  for (const conversations of options.conversations) {
    const url = await prepareDataset(clusterUrl, conversations, say);
    const key = await runProject(["keys", "create", "--access", "project"], url);
    const { origin, stop } = await startContender(PROJECT, url, options.poolSize);
    try {
      const cells = new Map<string, string>();
      for (const asked of await questions(url)) {
        signal.throwIfAborted();
        say(`${conversations} conversations: ${asked.title}`);
        cells.set(asked.title, describeSpread(spreadOf(await timesOf(origin, key, asked))));
      }
      bySize.push(cells);
    } finally {
      await stop();
    }
  }
  const titles = [...(bySize[0]?.keys() ?? [])];
  return [
    {
      title: `Milliseconds of a request, one at a time: median of ${REQUESTS} (minimum to maximum)`,
      columns: options.conversations.map((conversations) => `${conversations} conversations`),
      rows: titles.map((title) => [title, ...bySize.map((cells) => cells.get(title) ?? "–")]),
    },
  ];
}

/** Words by how many turns have them, as the database has counted, and a range of days. */
async function questions(url: string): Promise<Asked[]> {
  const [words, [range]] = await withAdmin(url, async (admin) => [
    await admin<{ word: string }[]>`
      SELECT word FROM ts_stat('SELECT search FROM (SELECT to_tsvector(''simple'', messages #>> ''{0,content}'') AS search
        FROM turns ORDER BY md5(id) LIMIT 20000) AS sample') WHERE word ~ '^[a-z]{3,}$' ORDER BY ndoc DESC, word`,
    await admin<{ from: Date; to: Date }[]>`
      SELECT min(created_at) + (max(created_at) - min(created_at)) / 4 AS from,
        max(created_at) - (max(created_at) - min(created_at)) / 4 AS to FROM conversations`,
  ]);
  const search = (title: string, word = "") => ({ title, query: DOCUMENT, filter: { search: word } });
  const filter = { createdFrom: range?.from.toISOString(), createdBefore: range?.to.toISOString() };
  return [
    search("search: the most common word", words[0]?.word),
    search("search: a rare word", words.at(-1)?.word),
    search("search: a word that is nowhere", "qzxjkvwyq"),
    { title: "totalCount of half of the time", query: TOTAL, filter },
  ];
}

async function timesOf(origin: string, key: string, { query, filter, title }: Asked): Promise<number[]> {
  const body = JSON.stringify({ query, variables: { filter, first: 20 } });
  const headers = { "content-type": "application/json", authorization: `Bearer ${key}` };
  const times: number[] = [];
  // The first ones compile and plan, and count for nothing.
  for (let sent = -5; sent < REQUESTS; sent += 1) {
    const startedAt = performance.now();
    const answer = await (await fetch(`${origin}/graphql`, { method: "POST", headers, body })).text();
    if (answer.includes('"errors"')) throw new Error(`${title}: ${answer}`);
    if (sent >= 0) times.push(performance.now() - startedAt);
  }
  return times;
}
