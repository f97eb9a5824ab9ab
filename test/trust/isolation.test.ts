import { sql } from "drizzle-orm";
import { GraphQLID, type GraphQLSchema, getNamedType, isInputObjectType, isObjectType } from "graphql";
import { afterEach, describe, expect, onTestFinished, test, vi } from "vitest";

import { createSchema } from "../../src/graphql/schema/schema.ts";
import { ON_CITUS } from "../harness/citus.ts";
import { testOnOneMachine } from "../harness/one-machine.ts";
import { SENT } from "./isolation-requests.ts";
import { LISTINGS, readsOf, SHARED_TURNS, UNCOUNTED, type Way } from "./isolation-ways.ts";
import { type Hidden, makeWorld, NAMES, type Served, type Who, type World } from "./isolation-worlds.ts";
import { OWN_WRITES, writesOf } from "./isolation-writes.ts";
import { findScopedPlaces } from "./scoped-places.ts";

// The places in the source at which the scope is taken out, as the stack names them: file, line and column.
const broken = vi.hoisted(() => new Set<string>());

vi.mock("../../src/store/sql/scope.ts", async (original) => {
  const real = await original<typeof import("../../src/store/sql/scope.ts")>();
  const isVisible: typeof real.isVisible = (...args) => {
    const place = /src\/store\/[\w/-]+\.ts:\d+:\d+/.exec(new Error().stack?.split("\n")[2] ?? "")?.[0];
    if (place === undefined) throw new Error("isVisible was called from outside the store.");
    return broken.has(place) ? sql`true` : real.isVisible(...args);
  };
  return { ...real, isVisible };
});

// A statement that is kept has the scope that it was put together with.
vi.mock("../../src/store/database/statements.ts", async (original) => {
  const real = await original<typeof import("../../src/store/database/statements.ts")>();
  const createStatementCache: typeof real.createStatementCache = () => () => (shape, values, build) =>
    real.createStatementCache()()(shape, values, build);
  return { ...real, createStatementCache };
});

afterEach(() => broken.clear());

/** Every way at what is hidden, reads first: no write may have changed what they see. */
function waysTo(hidden: Hidden): Way[] {
  const tell = (ways: Way[], name: string) => ways.map(([way, ask]): Way => [`${name}: ${way}`, ask]);
  return [
    ...NAMES[hidden].flatMap((names) => tell(readsOf(names), names.conversation)),
    ...LISTINGS,
    ...NAMES[hidden].flatMap((names) => tell(writesOf(names), names.conversation)),
    ...OWN_WRITES,
  ];
}

// Of a server for which every turn is so long that it is read again when its page has room for it.
const LONG_TURNS: Served = { env: { MAX_PAGE_BYTES: "250" } };

const withoutAny = new Map<string, Promise<Map<string, string>>>();

/** The answers to all ways where nothing is hidden because there is nothing. Asked for once. */
function answersWithout(hidden: Hidden, who: Who, served?: Served): Promise<Map<string, string>> {
  const ask = async () => {
    const world = await makeWorld(null, who, served);
    const answers = new Map<string, string>();
    for (const [name, request] of waysTo(hidden)) answers.set(name, await request(world));
    await world.server.close();
    return answers;
  };
  const key = JSON.stringify([hidden, who, served]);
  const known = withoutAny.get(key) ?? ask();
  withoutAny.set(key, known);
  return known;
}

/** What differs because Citus refuses a statement that is not bound to a project is seen too. */
function refusedByCitus(error: unknown): string {
  if (ON_CITUS) return String(error);
  throw error;
}

async function openWorld(hidden: Hidden, who: Who, served?: Served): Promise<World> {
  const world = await makeWorld(hidden, who, served);
  onTestFinished(() => world.server.close());
  return world;
}

test.each([
  ["another user's", "bob"],
  ["another user's", "bob by a token"],
  ["another project's", "bob"],
  ["another project's", "bob by a key of bob's"],
  ["another project's", "the backend"],
] as const)("what is %s is answered to %s byte for byte like what never existed", async (hidden, who) => {
  const answers = await answersWithout(hidden, who);
  const world = await openWorld(hidden, who);
  const before = await world.readHidden();
  expect(before).toContain("hidden words");
  for (const [name, ask] of waysTo(hidden)) {
    expect({ name, answer: await ask(world) }).toEqual({ name, answer: answers.get(name) });
  }
  expect(await world.readHidden()).toBe(before);
});

describe("with the scope taken out of one place, what is hidden shows:", () => {
  const places = findScopedPlaces();
  const placeIn = (name: string) => places.filter(({ within }) => within === name).map(({ place }) => place);

  /** The first way on which bob sees that there is something hidden, or changes it; null when there is none. */
  async function findLeak(
    hidden: Hidden,
    scopeless: readonly string[],
    only?: string,
    served?: Served,
  ): Promise<string | null> {
    const answers = await answersWithout(hidden, "bob", served);
    const world = await openWorld(hidden, "bob", served);
    const before = await world.readHidden();
    broken.clear();
    for (const place of scopeless) broken.add(place);
    for (const [name, ask] of waysTo(hidden)) {
      if ((only ?? name) === name && (await ask(world).catch(refusedByCitus)) !== answers.get(name)) return name;
    }
    return (await world.readHidden()) === before ? null : "what is hidden was changed";
  }

  // These take the ids of conversations that the caller was found to see: only another project can have the same ones.
  const BY_PARENT = ["readTurns", "countTurns", "changesStatement", "readPreviews", "readTurnItems", "findTurnIds"];
  // These bind each table and each later statement to the project once more, as a database that spreads projects over
  // machines asks of them: the scope's part is the user.
  const BOUND_AGAIN = [
    "removeConversations",
    "changesStatement",
    "readPreviews",
    "readLastActivity",
    "describeConversation",
    "readSource",
    "findItems",
    "readWrittenTurns",
    "findItemsAnywhere",
    "readTurnItems",
    "findTurnIds",
    "countTurns",
    "openTurns",
    "lockTurn",
  ];
  // So do these of turns, which their second place is about.
  const turnsBoundAgain = ["readNodes", "nodeStatement"].map((name) => placeIn(name)[1]);
  // Says again, for the sake of an index, what `matches` says in the same statement.
  const SAID_AGAIN = "conversationList";
  // Enters an idempotency key, which another project's conversation cannot have: there is a foreign key.
  const [keyEntry] = placeIn("appendStatement");
  // These narrow what search looks at, so that others' words cost the caller nothing. What they let through is held to the
  // scope by `matches` in the same statement, so no answer can show them; `test/store/search-scope` counts what they read.
  const OF_SEARCH = ["allTerms", "conversationsWith", "addedWords", "turnsOf"];
  // These read long turns again, by ids that were found in what the caller sees, and bind them to the project once more.
  const READ_AGAIN = ["readTurnRows", "readWhole"];
  // Locks the head for the statement that follows, which is held to the scope itself.
  const LOCKS = ["lockHead"];
  // Sent where tables are distributed, in place of the other.
  const APART = "appendApart";
  const unsent = ON_CITUS ? "appendStatement" : APART;
  const apart = [SAID_AGAIN, ...OF_SEARCH, ...READ_AGAIN, ...LOCKS, unsent];
  const alone = places.filter(({ within }) => !apart.includes(within));

  const boundOnce = alone.filter(
    ({ place, within }) => !BOUND_AGAIN.includes(within) && !turnsBoundAgain.includes(place),
  );
  test.each(boundOnce.filter(({ place }) => place !== keyEntry))(
    "another project's, $within at $place",
    async ({ place }) => {
      expect(await findLeak("another project's", [place])).not.toBeNull();
    },
  );

  test.each(alone.filter(({ within }) => !BY_PARENT.includes(within)))(
    "another user's, $within at $place",
    async ({ place }) => {
      expect(await findLeak("another user's", [place])).not.toBeNull();
    },
  );

  // Citus refuses these statements where their scope is taken out, and those of the last test: nothing shows that they are bound again.
  testOnOneMachine.each([
    ["readTurnRows", SHARED_TURNS.compiled],
    ["readWhole", SHARED_TURNS.resolved],
  ])("another project's, %s of long turns", async (within, way) => {
    expect(placeIn(within)).toHaveLength(1);
    expect(await findLeak("another project's", [], way, LONG_TURNS)).toBeNull();
    expect(await findLeak("another project's", placeIn(within), way, LONG_TURNS)).toBeNull();
  });

  test.each(["another user's", "another project's"] as const)(
    "%s, of an append where tables are distributed",
    async (hidden) => {
      const [place] = placeIn(APART);
      expect(await findLeak(hidden, [place ?? ""], undefined, { distributed: true })).not.toBeNull();
    },
  );

  // Heads are bound to the project once more, and conversations by the one place alone.
  testOnOneMachine.each([["another user's", null] as const, ["another project's", UNCOUNTED] as const])(
    "%s, of either place in one statement",
    async (hidden, withoutFirst) => {
      const [said, again] = [placeIn("matches"), placeIn(SAID_AGAIN)];
      expect([said, again]).toMatchObject([{ length: 1 }, { length: 1 }]);
      expect(await findLeak(hidden, said, UNCOUNTED)).toBe(withoutFirst);
      expect(await findLeak(hidden, again, UNCOUNTED)).toBeNull();
      expect(await findLeak(hidden, [...said, ...again], UNCOUNTED)).toBe(UNCOUNTED);
    },
  );
});

test("every root field, every argument that takes an id and every condition of a filter is among the ways", async () => {
  await answersWithout("another user's", "bob");
  const sent = [...SENT].join("\n");
  const missing = namesToTry(createSchema()).filter((name) => !new RegExp(`\\b${name}\\b`).test(sent));
  expect(missing).toEqual([]);
});

function namesToTry(schema: GraphQLSchema): string[] {
  const roots = [schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()];
  const types = Object.values(schema.getTypeMap()).filter((type) => !type.name.startsWith("__"));
  const inputs = types.filter(isInputObjectType);
  const given = [
    ...types.filter(isObjectType).flatMap((type) => Object.values(type.getFields()).flatMap(({ args }) => args)),
    ...inputs.flatMap((type) => Object.values(type.getFields())),
  ];
  return [
    ...roots.flatMap((root) => Object.keys(root?.getFields() ?? {})),
    ...given.filter(({ type }) => getNamedType(type) === GraphQLID).map(({ name }) => name),
    ...inputs.filter(({ name }) => name.endsWith("Filter")).flatMap((type) => Object.keys(type.getFields())),
  ];
}
