import type { FieldNode, GraphQLObjectType } from "graphql";

import type { JsonOutput } from "../../model/json-output.ts";
import { endKey, type Slice, toSides } from "../../relay/connection.ts";
import { encodeCursor } from "../../relay/cursor.ts";
import type { Key } from "../../relay/ordering.ts";
import type { Page } from "../../relay/page.ts";
import { type Compilation, compileObject } from "./selection.ts";
import { NotCompiled, NULL, type Write, writeArray } from "./writer.ts";

/** A page with what was found of it. */
export interface FoundPage<Row> {
  page: Page;
  slice: Slice<Row>;
  count: number;
}

/** What of a connection is selected, and so has to be read. */
export interface ConnectionSelection {
  rows: boolean;
  /** Whether rows come after the page, and before it. */
  next: boolean;
  previous: boolean;
  count: boolean;
}

/** The same, seen from the page: whether the list goes on, and whether rows lie where the page was entered from. */
export function sidesRead(
  { next, previous }: ConnectionSelection,
  { backward }: Page,
): { hasMore: boolean; hasBehind: boolean } {
  return backward ? { hasMore: previous, hasBehind: next } : { hasMore: next, hasBehind: previous };
}

interface Connection<Row> {
  type: GraphQLObjectType;
  nodes: readonly FieldNode[];
  /** Has the rows' keys read, for a cursor that is selected. */
  requireKey(): (row: Row) => Key;
  compileRow(type: GraphQLObjectType, nodes: readonly FieldNode[]): Write<Row>;
}

/** Writes a connection, and says what of it has to be read. */
export function compileConnection<Row>(
  compilation: Compilation,
  { type, nodes, requireKey, compileRow }: Connection<Row>,
): { wants: ConnectionSelection; write: Write<FoundPage<Row>> } {
  const wants: ConnectionSelection = { rows: false, next: false, previous: false, count: false };
  const write = compileObject<FoundPage<Row>>(compilation, type, nodes, (field) => {
    if (field.definition.name === "totalCount") {
      wants.count = true;
      return ({ count }, out) => out.writeString(String(count));
    }
    if (field.type === undefined) throw new NotCompiled();
    wants.rows = true;
    switch (field.definition.name) {
      case "nodes": {
        const writeRows = writeArray(compileRow(field.type, field.nodes));
        return ({ slice }, out) => writeRows(slice.rows, out);
      }
      case "edges":
        return compileEdges(compilation, field.type, field.nodes, compileRow, requireKey);
      case "pageInfo":
        return compilePageInfo(compilation, field.type, field.nodes, wants, requireKey);
      default:
        throw new NotCompiled();
    }
  });
  return { wants, write };
}

function writeCursor({ ordering }: Page, key: Key, out: JsonOutput): void {
  out.writeString(`"${encodeCursor(ordering, key)}"`);
}

function compileEdges<Row>(
  compilation: Compilation,
  type: GraphQLObjectType,
  nodes: readonly FieldNode[],
  compileRow: Connection<Row>["compileRow"],
  requireKey: Connection<Row>["requireKey"],
): Write<FoundPage<Row>> {
  const write = compileObject<{ page: Page; row: Row }>(compilation, type, nodes, (field) => {
    if (field.definition.name === "cursor") {
      const keyOf = requireKey();
      return ({ page, row }, out) => writeCursor(page, keyOf(row), out);
    }
    if (field.definition.name !== "node" || field.type === undefined) throw new NotCompiled();
    const writeRow = compileRow(field.type, field.nodes);
    return ({ row }, out) => writeRow(row, out);
  });
  const writeEdges = writeArray(write);
  return ({ page, slice }, out) => {
    const edges = slice.rows.map((row) => ({ page, row }));
    writeEdges(edges, out);
  };
}

function compilePageInfo<Row>(
  compilation: Compilation,
  type: GraphQLObjectType,
  nodes: readonly FieldNode[],
  wants: ConnectionSelection,
  requireKey: Connection<Row>["requireKey"],
): Write<FoundPage<Row>> {
  const cursorOf = (side: "start" | "end"): Write<FoundPage<Row>> => {
    const keyOf = requireKey();
    return ({ page, slice }, out) => {
      const key = endKey(page, slice, side, keyOf);
      if (key === null) out.write(NULL);
      else writeCursor(page, key, out);
    };
  };
  return compileObject<FoundPage<Row>>(compilation, type, nodes, ({ definition }) => {
    switch (definition.name) {
      case "hasNextPage":
        wants.next = true;
        return ({ page, slice }, out) => out.writeString(String(toSides(page, slice).hasNextPage));
      case "hasPreviousPage":
        wants.previous = true;
        return ({ page, slice }, out) => out.writeString(String(toSides(page, slice).hasPreviousPage));
      case "startCursor":
        return cursorOf("start");
      case "endCursor":
        return cursorOf("end");
      default:
        throw new NotCompiled();
    }
  });
}
