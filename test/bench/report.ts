import type { CheckedContender } from "./check.ts";
import type { Figure, Measured } from "./measure.ts";
import type { Options } from "./options.ts";
import type { Table } from "./part.ts";
import { describeSpread, type Ratio, ratioOf, short } from "./ratios.ts";

/** The outcome for one size, as it is written to the JSON file. */
export interface Run {
  conversations: number;
  rounds: number;
  seconds: number;
  connections: number;
  poolSize: number;
  queries: { name: string; title: string }[];
  contenders: { name: string; title: string; memory: number }[];
  requests: { contender: string; query: string; statements: number; bytes: number }[];
  /** Every contender by every other, in every query. */
  ratios: Ratio[];
  figures: Figure[];
}

/** The run as it is written down and printed: settings, requests, figures and ratios. */
export function toRun(
  conversations: number,
  { rounds, seconds, connections, poolSize, queries }: Options,
  checked: readonly CheckedContender[],
  { figures, memory }: Measured,
): Run {
  const contenders = checked.map(({ contender: { name, title } }) => ({ name, title, memory: memory.get(name) ?? 0 }));
  const names = contenders.map(({ name }) => name);
  return {
    conversations,
    rounds,
    seconds,
    connections,
    poolSize,
    queries: queries.map(({ name, title }) => ({ name, title })),
    contenders,
    requests: checked.flatMap(({ contender, byQuery }) =>
      [...byQuery].map(([query, { statements, requests }]) => ({
        contender: contender.name,
        query,
        statements,
        bytes: Math.round(requests.reduce((sum, { bytes }) => sum + (bytes ?? 0), 0) / requests.length),
      })),
    ),
    ratios: queries.flatMap((query) =>
      names.flatMap((name) =>
        names.filter((other) => other !== name).map((other) => ratioOf(figures, query.name, name, other)),
      ),
    ),
    figures,
  };
}

/** A part's table as Markdown. */
export function describeTable({ title, columns, rows }: Table): string {
  return `**${title}**\n\n${table(["", ...columns], rows)}\n`;
}

/** The outcome as Markdown: ratios only, since only they mean anything on another machine and another day. */
export function describeRun(run: Run): string {
  const { conversations, rounds, seconds, connections, poolSize } = run;
  const others = run.contenders.filter(({ name }) => name !== "project");
  const againstOthers = (cell: (query: string, other: string) => string) =>
    table(
      ["", ...others.map(({ title }) => title)],
      run.queries.map(({ name, title }) => [`**${name}** ${title}`, ...others.map((other) => cell(name, other.name))]),
    );
  return `## ${conversations} conversations

${rounds} rounds of ${seconds} s, ${connections} connections, ${poolSize} to the database. Median of the rounds (minimum to maximum).

**Throughput: this project's is so many times that of**

${againstOthers((query, other) => describeSpread(find(run, query, "project", other).throughput))}

**CPU time of a request, server and database: so many times this project's is that of**

${againstOthers((query, other) => describeSpread(find(run, query, other, "project").cpu))}
${shareOfFloor(run)}
**Statements of a request**

${byContender(run, ({ name }, query) => String(request(run, name, query).statements))}

**Bytes of an answer**

${byContender(run, ({ name }, query) => String(request(run, name, query).bytes))}
${failures(run)}
**Memory of the server at its most, in MB:** ${run.contenders.map(({ title, memory }) => `${title} ${Math.round(memory)}`).join("; ")}.
`;
}

/** What a server under too much load refuses, which its ratios do not show. */
function failures({ contenders, queries, figures }: Run): string {
  const lines = contenders.flatMap(({ name: contender, title }) =>
    queries.flatMap(({ name: query }) => {
      const ofBoth = figures.filter((figure) => figure.contender === contender && figure.query === query);
      const failed = ofBoth.reduce((sum, figure) => sum + figure.failed, 0);
      return failed === 0 ? [] : [`- ${title}, ${query}: ${failed}`];
    }),
  );
  return lines.length === 0 ? "" : `\n**Requests that FAILED**\n\n${lines.join("\n")}\n`;
}

function shareOfFloor(run: Run): string {
  if (!run.contenders.some(({ name }) => name === "floor")) return "";
  const share = (name: string, query: string) =>
    name === "floor" ? "1" : short(find(run, query, name, "floor").throughput.median);
  return `
**Throughput: share of the floor, median**

${byContender(run, ({ name }, query) => share(name, query))}
`;
}

function byContender(run: Run, cell: (contender: Run["contenders"][number], query: string) => string): string {
  return table(
    ["", ...run.queries.map(({ name }) => name)],
    run.contenders.map((contender) => [contender.title, ...run.queries.map(({ name }) => cell(contender, name))]),
  );
}

function find(run: Run, query: string, contender: string, by: string): Ratio {
  return found(run.ratios.find((one) => one.query === query && one.contender === contender && one.by === by));
}

function request(run: Run, contender: string, query: string): Run["requests"][number] {
  return found(run.requests.find((one) => one.contender === contender && one.query === query));
}

function found<Value>(value: Value | undefined): Value {
  if (value === undefined) throw new Error("A figure is missing.");
  return value;
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  return [line(head), line(head.map(() => "---")), ...rows.map(line)].join("\n");
}
