import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";

import { CONTENDERS, type Contender } from "./contenders.ts";
import { QUERIES, type Query } from "./queries.ts";

export interface Options {
  help: boolean;
  only: PartName[];
  conversations: number[];
  queries: Query[];
  contenders: Contender[];
  rounds: number;
  seconds: number;
  warmUp: number;
  connections: number;
  poolSize: number;
  /** The bytes of the answer that is appended word by word. */
  stream: number;
  dataDir: string;
  /** A PostgreSQL of this machine to use instead of one of the bench's own; or a coordinator of Citus, and then its workers. */
  databaseUrl: [url: string, ...workers: string[]] | null;
  /** The file that the outcome is also written to. */
  json: string | null;
}

const PARTS = ["reads", "writes", "watchers", "search", "import", "workers", "distributed"] as const;
export type PartName = (typeof PARTS)[number];
// It needs machines that nobody has by chance.
const USUAL = PARTS.filter((name) => name !== "distributed");

const OPTIONS = {
  only: { type: "string", default: USUAL.join(",") },
  conversations: { type: "string", default: "10000,100000" },
  queries: { type: "string", default: QUERIES.map(({ name }) => name).join(",") },
  contenders: { type: "string", default: CONTENDERS.map(({ name }) => name).join(",") },
  rounds: { type: "string", default: "5" },
  seconds: { type: "string", default: "2" },
  "warm-up": { type: "string", default: "2" },
  connections: { type: "string", default: "16" },
  pool: { type: "string", default: "10" },
  stream: { type: "string", default: "100000" },
  "data-dir": { type: "string", default: join(tmpdir(), "conversation-graph-bench") },
  "database-url": { type: "string" },
  json: { type: "string" },
  help: { type: "boolean", default: false },
} as const;

export const HELP = `npm run bench -- [options]

Measures this project against a floor and other GraphQL servers on the same data, and prints ratios.

  --only PART,…         ${OPTIONS.only.default}; and distributed
  --conversations N,…   sizes to seed and measure (${OPTIONS.conversations.default}); 1000000 takes an hour to seed
  --queries NAME,…      ${OPTIONS.queries.default}
  --contenders NAME,…   ${OPTIONS.contenders.default}
  --rounds N            how often each contender is measured with each query (${OPTIONS.rounds.default})
  --seconds N           how long each time (${OPTIONS.seconds.default})
  --warm-up N           seconds for which each answers each query before that (${OPTIONS["warm-up"].default})
  --connections N       kept alive, each with one request at a time (${OPTIONS.connections.default})
  --pool N              connections that each server has to the database (${OPTIONS.pool.default})
  --stream N            bytes of the answer that is appended word by word (${OPTIONS.stream.default})
  --data-dir FOLDER     where the bench keeps its own PostgreSQL (${OPTIONS["data-dir"].default})
  --database-url URL    a superuser's URL of a PostgreSQL on this machine, to use instead; for the part distributed
                        URL,URL,… of a PostgreSQL with Citus and those that are its workers
  --json FILE           write every figure there too
`;

/** The options of the command line. Throws an Error that names what is wrong. */
export function readOptions(args: string[]): Options {
  const { values } = parseArgs({ args, options: OPTIONS });
  const contenders = pick("contenders", values.contenders, CONTENDERS);
  if (!contenders.some(({ name }) => name === "project") || contenders.length < 2) {
    throw new Error("--contenders: there are only ratios, so it takes the project and one more");
  }
  return {
    help: values.help,
    only: pick(
      "only",
      values.only,
      PARTS.map((name) => ({ name })),
    ).map(({ name }) => name),
    conversations: values.conversations.split(",").map((text) => readNumber("conversations", text, 1000)),
    queries: pick("queries", values.queries, QUERIES),
    contenders,
    rounds: readNumber("rounds", values.rounds, 1),
    seconds: readNumber("seconds", values.seconds, 1),
    warmUp: readNumber("warm-up", values["warm-up"], 1),
    connections: readNumber("connections", values.connections, 1),
    poolSize: readNumber("pool", values.pool, 1),
    stream: readNumber("stream", values.stream, 4),
    dataDir: values["data-dir"],
    databaseUrl: readUrls(values["database-url"]),
    json: values.json ?? null,
  };
}

function readUrls(text: string | undefined): Options["databaseUrl"] {
  if (text === undefined) return null;
  const [url = "", ...workers] = text.split(",");
  return [url, ...workers];
}

function readNumber(name: string, text: string, least: number): number {
  if (/^\d{1,8}$/.test(text) && Number(text) >= least) return Number(text);
  throw new Error(`--${name} must be a whole number of at least ${least}, not "${text}"`);
}

function pick<Item extends { name: string }>(option: string, text: string, known: readonly Item[]): Item[] {
  return text.split(",").map((name) => {
    const found = known.find((item) => item.name === name);
    if (found !== undefined) return found;
    throw new Error(`--${option} knows ${known.map((item) => item.name).join(", ")}, not "${name}"`);
  });
}
