import fc from "fast-check";
import { expect, test } from "vitest";

import type { Row } from "../../src/viewer/list/documents.ts";
import {
  firstPage,
  type Page,
  type Rows,
  withChange,
  withFirstPage,
  withNextPage,
} from "../../src/viewer/list/rows.ts";

const PAGE = 3;
const IDS = [..."abcdefghij"].map((letter) => `conv_${letter}`);

// Instants of one form, as the graph has them.
const toRow = (id: string, second: number): Row => ({
  id,
  revision: second,
  updatedAt: new Date(second * 1000).toISOString(),
  title: null,
  preview: null,
  agent: null,
  lastTurn: null,
});

/** A server's list, with cursors that outlive their rows. */
class Server {
  readonly rows = new Map<string, Row>();

  sorted(): Row[] {
    return [...this.rows.values()].sort((one, other) => (placeOf(one) < placeOf(other) ? 1 : -1));
  }

  page(after: string | null): Page {
    const rest = this.sorted().filter((row) => after === null || placeOf(row) < after);
    const nodes = rest.slice(0, PAGE);
    const last = nodes.at(-1);
    return { nodes, pageInfo: { hasNextPage: rest.length > PAGE, endCursor: last ? placeOf(last) : null } };
  }
}

const placeOf = ({ updatedAt, id }: Row) => `${updatedAt} ${id}`;

const steps = fc.array(
  fc.oneof(
    {
      weight: 4,
      arbitrary: fc.record({ kind: fc.constant("change" as const), id: fc.constantFrom(...IDS), second: fc.nat(59) }),
    },
    {
      weight: 1,
      arbitrary: fc.record({ kind: fc.constantFrom("delete" as const, "leave" as const), id: fc.constantFrom(...IDS) }),
    },
    { weight: 2, arbitrary: fc.constant({ kind: "more" as const }) },
    // A change that no event brings, newer than all others, and a read of the first page after it.
    { weight: 1, arbitrary: fc.record({ kind: fc.constant("miss" as const), id: fc.constantFrom(...IDS) }) },
  ),
  { maxLength: 40 },
);

// The first page that is read again reaches beyond the end of a list of which most was deleted.
const BEYOND_THE_END: [string, number][] = IDS.slice(0, 6).map((id, index) => [id, 50 - index * 8]);
const THEN: Step[] = [
  { kind: "delete", id: "conv_b" },
  { kind: "delete", id: "conv_c" },
  { kind: "miss", id: "conv_a" },
  { kind: "change", id: "conv_f", second: 22 },
];

test("after any pages and events the list is the beginning of the server's, as far as it was read", () => {
  fc.assert(
    fc.property(
      fc.uniqueArray(fc.tuple(fc.constantFrom(...IDS), fc.nat(59)), { selector: ([id]) => id }),
      steps,
      (stored, taken) => {
        const server = new Server();
        for (const [id, second] of stored) server.rows.set(id, toRow(id, second));
        let list: Rows = firstPage(server.page(null));
        for (const [index, step] of taken.entries()) {
          list = takeStep(server, list, step, index);
          const all = server.sorted();
          expect(list.rows).toEqual(all.slice(0, list.rows.length));
          if (list.end === null) expect(list.rows.length).toBe(all.length);
        }
      },
    ),
    { numRuns: 500, examples: [[BEYOND_THE_END, THEN]] },
  );
});

type Step = typeof steps extends fc.Arbitrary<(infer One)[]> ? One : never;

function takeStep(server: Server, list: Rows, step: Step, index: number): Rows {
  switch (step.kind) {
    case "more":
      return list.end === null ? list : withNextPage(list, server.page(list.endCursor));
    case "miss":
      server.rows.set(step.id, toRow(step.id, 100 + index));
      return withFirstPage(list, server.page(null));
    case "change": {
      const row = toRow(step.id, step.second);
      server.rows.set(step.id, row);
      return withChange(list, changeOf(row, false));
    }
    case "leave":
      server.rows.delete(step.id);
      return withChange(list, changeOf(toRow(step.id, 0), true));
    case "delete":
      server.rows.delete(step.id);
      return withChange(list, { ...changeOf(null, false), deletedConversationId: step.id });
  }
}

const changeOf = (row: Row | null, left: boolean) => ({
  cursor: "",
  conversationEdge: row && { node: row },
  deletedConversationId: null,
  left,
});
