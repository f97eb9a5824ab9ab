import { afterEach, describe, expect, test } from "vitest";

import { readNames } from "./open-source.ts";
import { type Answer, type FoundryConversation, fixie, foundry, type StandIn, startStandIn } from "./stand-in.ts";

let service: StandIn | undefined;

afterEach(async () => {
  await service?.close();
  service = undefined;
});

const idOf = (index: number) => `c${String(index).padStart(3, "0")}`;
const ids = (count: number) => Array.from({ length: count }, (_, index) => idOf(index));

describe("Fixie's pages", () => {
  const listed = (id: string) => ({ id, turns: [] });
  const newestFirst = (count: number) => ids(count).reverse().map(listed);

  async function read(answer: Answer) {
    service = await startStandIn(answer);
    const { names, failure } = await readNames({ from: "fixie", agent: "desk", url: service.origin });
    return { names: names.toSorted(), failure };
  }

  /** The list, changed before its page with that number (from 1) is answered. */
  function changing(list: { id: string; turns: object[] }[], page: number, change: () => void): Answer {
    let asked = 0;
    return (request) => {
      asked += 1;
      if (asked === page) change();
      return fixie(list)(request);
    };
  }

  test.each([0, 1, 2, 19, 20, 21, 39, 40, 45])("of %i conversations give each once", async (count) => {
    expect(await read(fixie(newestFirst(count)))).toEqual({ names: ids(count), failure: null });
  });

  test.each([1, 2, 3, 4])("give what is added at the head while page %i is read, and nothing twice", async (page) => {
    const list = newestFirst(45);
    const added = [idOf(47), idOf(46), idOf(45)].map(listed);
    const outcome = await read(changing(list, page, () => list.unshift(...added)));
    expect(outcome).toEqual({ names: ids(48), failure: null });
  });

  test.each([
    [2, 0, 1],
    [2, 19, 1],
    [3, 5, 25],
    [3, 0, 39],
    [4, 0, 45],
  ])("pass over nothing when, before page %i, from place %i on %i were deleted", async (page, from, count) => {
    const list = newestFirst(65);
    const outcome = await read(changing(list, page, () => list.splice(from, count)));
    expect(outcome.failure).toBeNull();
    expect(outcome.names).toEqual(expect.arrayContaining(list.map(({ id }) => id)));
    expect(new Set(outcome.names).size).toBe(outcome.names.length);
  });

  test.each([1, 2, 3])("are not at their end when they have but %i", async (most) => {
    const answer = fixie(newestFirst(7));
    const outcome = await read((request) => {
      const { searchParams } = request.url;
      searchParams.set("limit", String(Math.min(Number(searchParams.get("limit")), most)));
      return answer(request);
    });
    expect(outcome).toEqual({ names: ids(7), failure: null });
  });

  test("that give fewer than the service counts are not believed", async () => {
    const outcome = await read(({ url }) => {
      const conversations = url.searchParams.get("offset") === "0" ? newestFirst(1) : [];
      return { body: { conversations, pageInfo: { totalResultCount: 3 } } };
    });
    expect(outcome).toEqual({ names: ids(1), failure: "The service says there are 3 conversations, but gave 1." });
  });

  test("that have no ids are named by their places, and come to an end", async () => {
    const { names } = await read(fixie(newestFirst(25).map(({ turns }) => ({ id: "", turns }))));
    expect(names).toHaveLength(25);
    expect(names).toContain("offset 24");
  });
});

describe("Foundry's pages", () => {
  const listed = (id: string, index: number): FoundryConversation => ({
    id,
    object: "conversation",
    created_at: index,
    metadata: {},
    items: [],
  });

  async function read(answer: Answer) {
    service = await startStandIn(answer);
    return readNames({ from: "foundry", url: `${service.origin}/api/projects/p` });
  }

  test.each([0, 1, 100, 101, 230])("of %i conversations give each once", async (count) => {
    expect(await read(foundry(ids(count).map(listed)))).toEqual({ names: ids(count), failure: null });
  });

  test.each([1, 2, 100])("go on where their last %i were deleted, with what was added meanwhile", async (count) => {
    const list = ids(150).map(listed);
    const answer = foundry(list);
    const outcome = await read((request) => {
      const { pathname } = request.url;
      if (pathname.endsWith(`/${idOf(99)}/items`)) list.splice(100 - count, count);
      if (pathname.endsWith(`/${idOf(149)}/items`)) list.push(listed(idOf(150), 150), listed(idOf(151), 151));
      return answer(request);
    });
    if (count < 100) expect(outcome).toEqual({ names: ids(152), failure: null });
    else
      expect(outcome.failure).toBe("Every element of the last page was deleted while the list was read. Run it again.");
  });

  test.each(["conversations", "items"])("that do not advance come to an end: %s", async (what) => {
    const page = { data: [listed("c000", 0)], last_id: "c000", has_more: true };
    const { failure } = await read(({ url }) => {
      const isItems = url.pathname.endsWith("/items");
      return {
        body: isItems === (what === "items") ? page : { ...page, has_more: false, data: isItems ? [] : page.data },
      };
    });
    expect(failure).toBe("The service says there is more, but does not give it.");
  });

  test("a conversation without id is no reason to ask for items", async () => {
    const { names } = await read(({ url }) => {
      const data = url.searchParams.has("after") ? [] : [{ object: "conversation" }, listed("c001", 1)];
      return { body: { data: url.pathname.endsWith("/items") ? [] : data, has_more: false } };
    });
    expect(names).toEqual(["", "c001"]);
    expect(service?.asked.filter((path) => path.includes("/items"))).toHaveLength(1);
  });
});
