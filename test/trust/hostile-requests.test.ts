import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { CASES, type Caller, encode, startCaller, tried, tryCases } from "./hostile-caller.ts";
import { checkAnswer, FOREIGN } from "./hostile-oracle.ts";
import { headerValue, id, jsonObject, number, text } from "./hostile-values.ts";
import { PATHS } from "./surface-paths.ts";

let caller: Caller;
beforeAll(async () => {
  caller = await startCaller();
});
afterAll(() => caller.close());

const SURFACES = ["graphql", "foundry", "fixie"] as const;
const JSON_TYPES = { "content-type": "application/json", accept: "application/graphql-response+json" };

const HEADERS = [
  "x-ms-user-isolation-key",
  "x-ms-user-identity",
  "api-key",
  "authorization",
  "host",
  "origin",
  "accept-encoding",
  "if-none-match",
  "cookie",
  "x-request-id",
  "x-forwarded-for",
  "__proto__",
];

/** Words that documents are made of, in whatever order. */
const WORDS = [
  ..."{}()[]:!$@|=&",
  "...",
  "query",
  "mutation",
  "subscription",
  "fragment F on Query",
  "...F",
  "on Conversation",
  "conversations(first: 1)",
  'node(id: "conv_hers")',
  "nodes(ids: [])",
  "{ id }",
  "{ nodes { id turns { nodes { messages { __typename } } } } }",
  "__typename",
  "__schema { types { name } }",
  "createConversation(input: {})",
  "@skip(if: $a)",
  "($a: Boolean = true)",
  '"""',
  "#",
  "null",
];

describe.concurrent("the answer is documented, and holds nothing of others, whatever there is in", {
  timeout: 120_000,
}, () => {
  test("a header", () =>
    tryCases<[string, string, string, string]>(
      0.08,
      [fc.constantFrom(...HEADERS), headerValue, fc.constantFrom(...HEADERS), headerValue],
      async (name, value, otherName, otherValue) => {
        const headers = { accept: JSON_TYPES.accept, [name]: value, [otherName]: otherValue };
        for (const [index, path] of PATHS.entries()) {
          const surface = SURFACES[index] ?? "unknown";
          checkAnswer(surface, await caller.send(path, { headers }), [200, 400, 401]);
        }
      },
    ));

  test("the types that are sent and wanted", () =>
    tryCases<[string, string]>(0.04, [headerValue, headerValue], async (sent, wanted) => {
      const headers = { "content-type": sent, accept: wanted };
      const body = '{"query":"{ conversations { totalCount } }"}';
      const seen = await caller.send("/graphql", { method: "POST", headers, body });
      expect(seen.status).toBeOneOf([200, 400, 406, 415]);
      expect(seen.body).not.toContain(FOREIGN);
      if (seen.status === 415) checkAnswer("graphql", seen, [415]);
    }));

  test("a document", () =>
    tryCases<[string[], string]>(
      0.05,
      [fc.array(fc.oneof(fc.constantFrom(...WORDS), text), { maxLength: 12 }), text],
      async (parts, name) => {
        for (const query of [parts.join(" "), `{ ${parts.join(" ")} }`]) {
          await caller.graphql(JSON.stringify({ query, operationName: name === "" ? null : name }));
          const path = `/graphql?query=${encode(query)}`;
          checkAnswer("graphql", await caller.send(path, { headers: { accept: JSON_TYPES.accept } }), [200, 400, 405]);
        }
      },
    ));

  test("a body", () =>
    tryCases<[object, string, Uint8Array, number]>(
      0.04,
      [jsonObject, number, fc.uint8Array({ maxLength: 60 }), fc.nat(80)],
      async (object, value, bytes, at) => {
        const whole = Buffer.from(JSON.stringify({ query: "{ __typename }", variables: object, extensions: object }));
        const spoilt = Buffer.concat([whole.subarray(0, at), bytes, whole.subarray(at)]);
        for (const body of [whole, spoilt, whole.subarray(0, at), Buffer.from(bytes)]) await caller.graphql(body);
        for (const name of ["query", "variables", "operationName", "extensions"]) {
          await caller.graphql(`{"query":"{ __typename }",${JSON.stringify(name)}:${value}}`);
        }
        await caller.graphql(`{"query":"query ($id: ID!) { node(id: $id) { id } }","variables":{"id":${value}}}`);
      },
    ));

  test("a URL", () =>
    tryCases<[string, string, string, string]>(
      0.03,
      [text, id, number, fc.constantFrom("GET", "POST", "PUT", "DELETE", "OPTIONS", "PATCH", "TRACE", "PROPFIND")],
      async (one, two, three, method) => {
        const raw = one.replaceAll(/[^\x21-\x7e]/g, "").replaceAll(/^[/?#]*/g, "");
        for (const path of [
          `/${raw}`,
          `/${encode(two)}/${raw}?${raw}`,
          `//${raw}`,
          `/openai/v1/conversations/${encode(two)}`,
          `/health/${raw}`,
        ]) {
          const seen = await caller.send(path, { method });
          expect(seen.status).toBeOneOf([200, 204, 307, 400, 401, 404, 405, 415, 503]);
          expect(seen.body).not.toContain(FOREIGN);
        }
        const query = `${encode(one)}=${encode(two)}&limit=${encode(three)}&%ff=%00&order=asc&${raw}`;
        for (const path of [
          `/openai/v1/conversations?${query}`,
          `/api/projects/${encode(one)}/openai/conversations?${query}`,
        ]) {
          checkAnswer("foundry", await caller.send(path), [200, 400, 404]);
        }
        checkAnswer("fixie", await caller.send(`/api/v1/agents/a${encode(one)}/conversations?${query}`), [200, 400]);
      },
    ));
});

test("and after 2,400 cases the server is alive, and shows everything to those who may see it", async () => {
  expect(tried).toBe(CASES * 0.24);
  expect(await caller.send("/health/live")).toMatchObject({ status: 200 });
  const headers = { "x-ms-user-isolation-key": "ann" };
  expect((await caller.send("/openai/v1/conversations", { headers })).body).toContain(FOREIGN);
});
