import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { conversation, store } from "../harness/conversations.ts";
import { getFoundry, idsOf } from "../harness/get-list.ts";
import { startTestServer, type TestServer } from "../harness/server.ts";

const START = Date.parse("2024-05-20T10:00:00.000Z");

let server: TestServer;

beforeAll(async () => {
  server = await startTestServer();
});

afterAll(() => server.close());

describe("after and before", () => {
  // Oldest first. a, b, c in one millisecond; d, e in another and f in a third of the same second; g, h tied again.
  const INSTANTS = { a: 0, b: 0, c: 0, d: 400, e: 400, f: 999, g: 1000, h: 1000, i: 5000, j: 9000 };
  const user = { "x-ms-user-isolation-key": "letters" };

  beforeAll(async () => {
    const records = Object.entries(INSTANTS).map(([id, ms]) =>
      conversation(id, { createdAt: new Date(START + ms), isolationKey: "letters" }),
    );
    await store(server.database, records.reverse());
    await store(server.database, [conversation("stranger", { createdAt: new Date(START + 1000), isolationKey: "x" })]);
  });

  test.each([
    ["ties in a stable order", "", "jihgfedcba", false],
    ["ties turned round with the direction", "order=asc", "abcdefghij", false],
    ["after", "after=i&limit=3", "hgf", true],
    ["after, inside a tie", "after=h&limit=1", "g", true],
    ["after, up to the end exactly", "after=d&limit=3", "cba", false],
    ["after the last", "after=a", "", false],
    ["after, ascending", "order=asc&after=b&limit=2", "cd", true],
    ["after, ascending, to the end", "order=asc&after=h", "ij", false],
    ["before: the ones directly preceding", "before=g&limit=2", "ih", true],
    ["before, up to the front exactly", "before=g&limit=3", "jih", false],
    ["before, inside a tie", "before=a&limit=1", "b", true],
    ["before the first", "before=j", "", false],
    ["before, ascending", "order=asc&before=g&limit=2", "ef", true],
    ["before, ascending, inside a tie", "order=asc&before=b", "a", false],
    ["a window, not full", "after=i&before=d&limit=10", "hgfe", false],
    ["a window, exactly full", "after=i&before=d&limit=4", "hgfe", false],
    ["a window with more inside", "after=i&before=d&limit=2", "hg", true],
    ["a window between neighbours", "after=i&before=h", "", false],
    ["a window inside a tie", "after=c&before=a", "b", false],
    ["a window, ascending", "order=asc&after=a&before=e&limit=2", "bc", true],
    ["a window, ascending, exactly full", "order=asc&after=a&before=e&limit=3", "bcd", false],
    ["page 2 as the .NET client asks for it", "after=h&before=j&limit=3", "gfe", true],
    ["its page 3", "after=e&before=g&limit=3", "dcb", true],
    ["its last page", "after=b&before=d&limit=3", "a", false],
    ["its page 2, ascending", "order=asc&after=c&before=a&limit=3", "def", true],
    ["its page after the end", "after=a&before=a&limit=3", "", false],
    ["before that lies before after in the same millisecond", "after=b&before=c", "a", false],
    ["before that is after itself", "after=i&before=i&limit=2", "hg", true],
    ["before that names nothing, beside after", "after=i&before=nothing&limit=2", "hg", true],
    ["before that is empty, beside after", "after=i&before=&limit=2", "hg", true],
    ["before of another user, beside after", "after=i&before=stranger&limit=2", "hg", true],
  ])("%s: %s", async (_case, query, ids, hasMore) => {
    const page = await getFoundry(server, query, user);
    expect(page.status, page.text).toBe(200);
    expect([idsOf(page).join(""), page.body.has_more]).toEqual([ids, hasMore]);
  });
});

describe("walking the list", () => {
  // Few instants, and ids that sort otherwise by bytes than in a dictionary: most rows are tied.
  const rows = fc.uniqueArray(
    fc.record({
      id: fc.string({ unit: fc.constantFrom(..."aAbB_-~ 09"), minLength: 1, maxLength: 6 }),
      ms: fc.constantFrom(0, 0, 1, 2, 999, 1000, 1001),
    }),
    { selector: ({ id }) => id, maxLength: 60, size: "max" },
  );
  let runs = 0;

  test("each row once, in one order, forward by after and backward by before, at 1, 7 and 23 a page", async () => {
    await fc.assert(
      fc.asyncProperty(rows, async (drawn) => {
        runs += 1;
        const user = `walk-${runs}`;
        const records = drawn.map(({ id, ms }) =>
          conversation(`${user}.${id}`, { createdAt: new Date(START + ms), isolationKey: user }),
        );
        await store(server.database, records);
        const oldestFirst = records
          .toSorted((one, other) => one.createdAt.getTime() - other.createdAt.getTime() || (one.id < other.id ? -1 : 1))
          .map(({ id }) => id);
        for (const limit of ["1", "7", "23"]) {
          for (const order of ["asc", "desc"]) {
            const expected = order === "asc" ? oldestFirst : oldestFirst.toReversed();
            expect((await readPages(user, { order, limit }, "after")).flat()).toEqual(expected);
            const last = expected.at(-1);
            if (last === undefined) continue;
            const backward = await readPages(user, { order, limit }, "before", last);
            expect([...backward.reverse().flat(), last]).toEqual(expected);
          }
        }
      }),
      { numRuns: 8 },
    );
  });

  /** The pages that a client reads one after the other, while the answer says that there are more. */
  async function readPages(
    user: string,
    query: { order: string; limit: string },
    cursor: "after" | "before",
    start?: string,
  ): Promise<string[][]> {
    const pages: string[][] = [];
    for (let at = start; ; ) {
      const page = await getFoundry(server, at === undefined ? query : { ...query, [cursor]: at }, {
        "x-ms-user-isolation-key": user,
      });
      expect(page.status, page.text).toBe(200);
      pages.push(idsOf(page));
      if (!page.body.has_more) return pages;
      expect(idsOf(page)).toHaveLength(Number(query.limit));
      at = cursor === "after" ? page.body.last_id : page.body.first_id;
    }
  }
});
