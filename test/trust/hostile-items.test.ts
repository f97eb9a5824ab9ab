import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { type Caller, encode, startCaller } from "./hostile-caller.ts";
import { FOREIGN, type Seen } from "./hostile-oracle.ts";
import { headerValue, id, jsonObject, number, text } from "./hostile-values.ts";

let caller: Caller;
beforeAll(async () => {
  caller = await startCaller();
});
afterAll(() => caller.close());

const API = "/openai/v1/conversations";
const JSON_TYPE = { "content-type": "application/json" };

const TYPES = [
  "message",
  "function_call",
  "function_call_output",
  "item_reference",
  "mcp_call",
  "__proto__",
  "x_output",
];
/** A value where an item has a member: of its type, or of any other. */
const member = fc.oneof(text, jsonObject, fc.constantFrom("user", "assistant", "system", null, 1, "completed", "c1"));
const item = fc.oneof(
  jsonObject,
  fc.record(
    {
      type: fc.oneof(fc.constantFrom(...TYPES), member),
      role: fc.oneof(fc.constantFrom("user", "assistant", "developer"), member),
      content: fc.oneof(
        text,
        fc.array(fc.record({ type: fc.constantFrom("input_text", "refusal", "x"), text: member })),
        member,
      ),
      id: fc.oneof(id, member),
      call_id: member,
      name: member,
      arguments: fc.oneof(text, fc.json()),
      output: member,
      status: member,
      created_by: fc.record({ agent: fc.record({ name: member, version: member }) }),
    },
    { requiredKeys: [] },
  ),
);

/** The body of a documented answer: an error has the envelope, and nothing of others is in any. */
function check({ status, headers, body }: Seen, statuses: readonly number[]) {
  expect({ status, body }).toMatchObject({ status: expect.toBeOneOf([...statuses]) });
  expect(body).not.toContain(FOREIGN);
  expect(headers["content-type"]).toBe("application/json; charset=utf-8");
  const answer = JSON.parse(body);
  if (status === 200) return answer;
  expect(Object.keys(answer.error)).toEqual(["message", "type", "param", "code"]);
  return null;
}

describe.concurrent("the Conversations API answers as documented, whatever there is in", { timeout: 120_000 }, () => {
  test("items: what it takes is stored, and read everywhere", () =>
    fc.assert(
      fc.asyncProperty(fc.array(item, { maxLength: 4 }), async (items) => {
        const body = JSON.stringify({ items });
        const created = check(await caller.send(API, { method: "POST", headers: JSON_TYPE, body }), [200, 400, 404]);
        const more = await caller.send(`${API}/conv_mine/items`, { method: "POST", headers: JSON_TYPE, body });
        check(more, [200, 400, 404]);
        if (created === null) return;
        const list = check(await caller.send(`${API}/${created.id}/items?order=asc`), [200]);
        expect(list.data).toHaveLength(items.length);
        const read = JSON.stringify({
          query: `{ conversation(id: "${created.id}") { turns { nodes { state messages { __typename } } } } }`,
        });
        expect((await caller.graphql(read)).errors).toBeUndefined();
        for (const { id: stored } of list.data.slice(0, 1)) {
          check(await caller.send(`${API}/${created.id}/items/${stored}`, { method: "DELETE" }), [200]);
        }
      }),
      { numRuns: 150 },
    ));

  test("bodies, ids, parameters and keys", () =>
    fc.assert(
      fc.asyncProperty(
        fc.tuple(jsonObject, number, id, text, headerValue, fc.uint8Array({ maxLength: 40 }), fc.nat(60)),
        async ([object, value, one, two, key, bytes, at]) => {
          const whole = Buffer.from(JSON.stringify({ metadata: object, items: [{ role: "user", content: "x" }] }));
          const spoilt = Buffer.concat([whole.subarray(0, at), bytes, whole.subarray(at)]);
          const headers = { ...JSON_TYPE, "idempotency-key": key };
          const statuses = [200, 400, 404, 409];
          for (const body of [
            whole,
            spoilt,
            Buffer.from(bytes),
            Buffer.from(`{"metadata":{"a":${value}},"items":${value}}`),
          ]) {
            for (const path of [API, `${API}/conv_mine`, `${API}/conv_mine/items`, `${API}/conv_hers/items`]) {
              check(await caller.send(path, { method: "POST", headers, body }), statuses);
            }
          }
          const name = encode(one).replaceAll(/^\.+$/g, "x") || "x";
          const query = `after=${encode(one)}&before=${encode(two)}&limit=${encode(value)}&item_type=${encode(two)}&include=${encode(two)}`;
          for (const path of [
            `${API}/${name}`,
            `${API}/${name}/items`,
            `${API}/conv_mine/items/${name}`,
            `${API}/conv_mine/items?${query}`,
          ]) {
            check(await caller.send(path), [200, 400, 404]);
          }
          for (const path of [`${API}/conv_hers`, `${API}/conv_hers/items/${name}`, `${API}/conv_mine/items/${name}`]) {
            check(await caller.send(path, { method: "DELETE" }), [200, 404, 409]);
          }
        },
      ),
      { numRuns: 60 },
    ));
});

test("and afterwards the server is alive, and what is hidden from the caller is there", async () => {
  expect(await caller.send("/health/live")).toMatchObject({ status: 200 });
  const headers = { "x-ms-user-isolation-key": "ann" };
  expect((await caller.send(`${API}/conv_hers/items`, { headers })).body).toContain(FOREIGN);
});
