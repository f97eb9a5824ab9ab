import type { Slice } from "./connection.ts";
import type { Page } from "./page.ts";

/** A row that carries its size. */
export interface Sized {
  bytes: number;
}

/**
 * Cuts the slices, which were read together, to `maxBytes` in all: each ends before its first row that does not fit,
 * and then has `hasMore`. The first row of every slice comes before the second of any. One row always comes, so that a
 * client that walks the pages reaches the end. Returns the slices themselves when everything fits.
 */
export function endByBytes<Row extends Sized, List extends Slice<Row>>(
  { backward }: Pick<Page, "backward">,
  slices: readonly List[],
  maxBytes: number,
): readonly List[] {
  if (sum(slices) <= maxBytes) return slices;
  const kept = slices.map(() => 0);
  let taken = 0;
  let open = [...slices.entries()];
  for (let place = 0; open.length > 0; place += 1) {
    open = open.filter(([index, { rows }]) => {
      const row = rows.at(backward ? -1 - place : place);
      if (row === undefined || (taken > 0 && taken + row.bytes > maxBytes)) return false;
      taken += row.bytes;
      kept[index] = place + 1;
      return true;
    });
  }
  return slices.map((slice, index) => cut(slice, kept[index] ?? 0, backward));
}

function sum(slices: readonly Slice<Sized>[]): number {
  let bytes = 0;
  for (const { rows } of slices) for (const row of rows) bytes += row.bytes;
  return bytes;
}

function cut<List extends Slice<unknown>>(slice: List, count: number, backward: boolean): List {
  const { rows } = slice;
  if (count === rows.length) return slice;
  return { ...slice, rows: backward ? rows.slice(rows.length - count) : rows.slice(0, count), hasMore: true };
}
