import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { promisify } from "node:util";

import { sql } from "drizzle-orm";
import {
  buildSchema,
  coerceInputValue,
  type FragmentDefinitionNode,
  type GraphQLInputType,
  type GraphQLObjectType,
  isObjectType,
  type OperationDefinitionNode,
  parse,
  validate,
} from "graphql";
import { createYoga } from "graphql-yoga";
import postgres from "postgres";
import { expect, onTestFinished, test } from "vitest";

import { collectObject, collectRoot } from "../../src/graphql/compiled/collect-fields.ts";
import { exposedName } from "../../src/graphql/compiled/exposed-field.ts";
import { CompiledResult } from "../../src/graphql/compiled/result.ts";
import { createSchema } from "../../src/graphql/schema/schema.ts";
import { copyIn } from "../../src/store/database/copy-transaction.ts";
import { openClient } from "../../src/store/database/driver.ts";
import { sessionOf } from "../../src/store/database/session-of.ts";
import { createDatabase } from "../harness/database.ts";

// What this project expects of a library beyond what the library promises. Each expectation stands in one file of `src`; here a
// new version shows whether it still holds.

const { dependencies }: { dependencies: Record<string, string> } = JSON.parse(
  readFileSync(new URL("../../package.json", import.meta.url), "utf8"),
);
const seam = (name: string, expected: string) => `${name} ${dependencies[name]} ${expected}`;

const SCHEMA = buildSchema("type Query { a: Query b(first: Int): Int c: Int } input One { first: Int }");

test(seam("graphql", "collects fields by response key, in order, over fragments and directives"), () => {
  const { definitions } = parse(
    "query ($no: Boolean!) { c ...F x: a { b } c @skip(if: true) b @include(if: $no) } fragment F on Query { x: a { c } }",
  );
  // Safe casts: the document above has just these.
  const [operation, fragment] = definitions as [OperationDefinitionNode, FragmentDefinitionNode];
  const type = SCHEMA.getQueryType() as GraphQLObjectType;
  const selecting = { schema: SCHEMA, fragments: { F: fragment }, variables: { no: false } };
  const root = collectRoot(selecting, type, operation.selectionSet);
  expect([...root].map(([key, nodes]) => [key, nodes.length])).toEqual([
    ["c", 1],
    ["x", 2],
  ]);
  const below = collectObject(selecting, type, root.get("x") ?? []);
  expect([...below.keys()]).toEqual(["c", "b"]);
});

test(seam("graphql", "names nothing of the schema where suggestions are hidden"), () => {
  const messages = (options: object) =>
    validate(SCHEMA, parse("{ aa b(firs: 1) }"), undefined, options).map(({ message }) => message);
  expect(messages({}).join()).toContain("Did you mean");
  expect(messages({ hideSuggestions: true }).join()).not.toContain("Did you mean");
  const coerced = (hide: boolean) => {
    const found: string[] = [];
    const type = SCHEMA.getType("One") as GraphQLInputType;
    coerceInputValue({ firs: 1 }, type, (_path, _value, { message }) => void found.push(message), hide);
    return found.join();
  };
  expect(coerced(false)).toContain("Did you mean");
  expect(coerced(true)).not.toContain("Did you mean");
});

test(seam("@pothos/core", "notes which property a field exposes"), () => {
  const types = createSchema().getTypeMap();
  const exposed = (typeName: string, field: string) => {
    const type = types[typeName];
    const definition = isObjectType(type) ? type.getFields()[field] : undefined;
    return exposedName(definition?.extensions ?? {});
  };
  expect(exposed("Conversation", "createdAt")).toBe("createdAt");
  expect(exposed("Turn", "messages")).toBe("messages");
  expect(exposed("FunctionCallFragment", "args")).toBe("args");
  expect([exposed("Conversation", "agent"), exposed("Turn", "inReplyTo")]).toEqual([null, null]);
});

test(
  seam("graphql-yoga", "sends the bytes that a result's stringify gives, and executes with the context it was given"),
  async () => {
    const order: string[] = [];
    const note = (name: string) => ({
      onExecute: ({
        executeFn,
        setExecuteFn,
      }: {
        executeFn: (args: unknown) => unknown;
        setExecuteFn(fn: unknown): void;
      }) =>
        setExecuteFn((args: { contextValue: { mark: string } }) => {
          order.push(`${name} ${args.contextValue.mark}`);
          return name === "inner" ? new CompiledResult(Buffer.from('{"data":{"c":1.0}}')) : executeFn(args);
        }),
    });
    const yoga = createYoga<{ mark: string }>({
      schema: SCHEMA,
      logging: false,
      plugins: [note("inner"), note("outer")],
    });
    const response = await yoga.fetch("http://localhost/graphql?query={c}", {}, { mark: "given" });
    expect(await response.text()).toBe('{"data":{"c":1.0}}');
    expect(order).toEqual(["outer given", "inner given"]);
  },
);

test(seam("postgres", "keeps the session that runs a statement in the query's state"), async () => {
  const { url, drop } = await createDatabase();
  const client = postgres(url, { max: 1 });
  onTestFinished(async () => {
    await client.end();
    await drop();
  });
  const [own] = await client`SELECT pg_backend_pid() AS pid`;
  const running = client.unsafe("SELECT pg_sleep(0.5)");
  expect(sessionOf(running)).toBeNull();
  const ended = running.execute();
  await expect.poll(() => sessionOf(running)).toMatchObject({ pid: own?.pid, secret: expect.any(Number) });
  await ended;
});

// The modules that an import leads to, by URL and format.
const RECORD = `
  const [quickly, ...names] = process.argv.slice(1);
  if (quickly !== "") (await import(quickly)).resolveDrizzleQuickly();
  const found = new Set();
  (await import("node:module")).registerHooks({
    resolve(specifier, context, next) {
      const { url, format } = next(specifier, context);
      found.add(url + " " + format);
      return next(specifier, context);
    },
  });
  for (const name of names) await import(name);
  console.log([...found].sort().join("\\n"));`;

test(seam("drizzle-orm", "is one package of ES modules, which import each other by their paths"), async () => {
  const names = ["drizzle-orm", "drizzle-orm/pg-core", "drizzle-orm/migrator"];
  const modulesOf = async (quickly: string) => {
    const args = ["--input-type=module", "--eval", RECORD, quickly, ...names];
    return (await promisify(execFile)(process.execPath, args)).stdout;
  };
  const quick = await modulesOf(new URL("../../src/package-resolution.ts", import.meta.url).href);
  expect(quick).toContain("/drizzle-orm/pg-core/columns/text.js module\n");
  expect(quick).toBe(await modulesOf(""));
});

test(seam("postgres", "rejects the query of a COPY that fails after its last byte"), async () => {
  const { url, drop } = await createDatabase();
  const options = { poolSize: 1, poolTimeoutMs: 0, statementTimeoutMs: 0, lockTimeoutMs: 0, prepare: false };
  const client = openClient(url, options, 1);
  onTestFinished(async () => {
    await client.end();
    await drop();
  });
  async function* row(): AsyncGenerator<Buffer> {
    yield Buffer.from("none\tconv_1\t2024-05-20T10:00:00Z\n");
  }
  const copying = copyIn(client, sql`COPY conversations (project_id, id, created_at) FROM STDIN`, row());
  await expect(copying).rejects.toMatchObject({ code: "23503" });
  expect(await client.unsafe("SELECT 1 AS one")).toMatchObject([{ one: 1 }]);
});
