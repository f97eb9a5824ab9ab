import { execFileSync } from "node:child_process";

import { expect, test } from "vitest";

import { toCurl, toGraphQL } from "../../src/viewer/transcript/copy-as.ts";
import { conversationToLine } from "../../src/viewer/transcript/turns-to-lines.ts";
import { headToMarkdown, turnToMarkdown, turnToText } from "../../src/viewer/transcript/turns-to-markdown.ts";
import { call, response, says, turn } from "./turns.ts";

const ARGS = '{"10":1.50,"9":12345678901234567890}';

test("writes a turn as Markdown, whatever its texts have of it", () => {
  const failed = { ...response("a`b", null, "```\nx"), failed: true };
  const said = turn(2, {
    role: "ASSISTANT",
    state: "ERROR",
    errorDetail: "two\nlines",
    messages: [says("# Yes\n\n- one"), call("f", "c", ARGS), failed],
  });
  expect(turnToMarkdown(said)).toBe(`## Assistant · 2024-05-20T10:00:00.000Z · error

# Yes

- one

Call of \`f\`:

\`\`\`json
{
  "10": 1.50,
  "9": 12345678901234567890
}
\`\`\`

Failed response of \`\` a\`b \`\`:

\`\`\`\`
\`\`\`
x
\`\`\`\`

> Error: two
> lines
`);
  expect(turnToText(turn(1, { messages: [says("a"), says("b")] }))).toBe("a\n\nb");
});

test("heads a conversation's Markdown with what it is", () => {
  const head = { id: "conv_1", title: null, createdAt: "2024-05-20T10:00:00.000Z", agent: { agentId: "a:1" } };
  expect(headToMarkdown(head)).toBe("# conv_1\n\n`conv_1` · 2024-05-20T10:00:00.000Z · agent a:1\n");
  expect(headToMarkdown({ ...head, title: "On\ntwo", agent: null })).toMatch(/^# On two\n/);
});

test("writes a conversation as a line, with JSON as it was stored", () => {
  const head = {
    id: "c",
    user: null,
    createdAt: "2024-05-20T10:00:00.000Z",
    updatedAt: "2024-05-21T10:00:00.000Z",
    agent: { name: "a", version: null },
    metadata: '{"10":"x","9":"y"}',
    revision: 5,
  };
  const turns = [turn(1, { messages: [says("Hi")] }), turn(2, { role: "ASSISTANT", messages: [call("f", "c", ARGS)] })];
  const line = conversationToLine(head, turns).join("");
  expect(line.trimEnd()).not.toContain("\n");
  expect(line).toContain(`"args":${ARGS}`);
  expect(line).toContain('"metadata":{"10":"x","9":"y"}');
  expect(JSON.parse(line)).toMatchObject({
    format: "conversation-graph/1",
    agent: { name: "a", version: null },
    turns: [{ role: "user", state: "done", messages: [{ kind: "text", content: "Hi", state: "done" }] }, { id: "t2" }],
  });
  expect(JSON.parse(conversationToLine(head, []).join("")).turns).toEqual([]);
});

test("writes a query that runs as it is", () => {
  expect(toGraphQL("\nquery Turn($id: ID!) { turn(id: $id) { id } }\n", 'a"$&')).toBe(
    'query Turn($id: ID! = "a\\"$&") { turn(id: $id) { id } }',
  );
});

test("writes a command whose arguments a shell gives on unchanged", () => {
  const id = `it's "$HOME" \\ \`id\``;
  const command = toCurl("http://h/graphql", "query T($id: ID!) {\n  turn(id: $id) { id }\n}", id, {
    authorization: "Bearer $KEY",
  });
  const script = `curl() { printf '%s\\0' "$@"; }\n${command}`;
  const given = execFileSync("sh", ["-c", script], { env: { KEY: "secret" } })
    .toString()
    .split("\0");
  expect(given.slice(0, -2)).toEqual([
    "http://h/graphql",
    "-H",
    "authorization: Bearer secret",
    "-H",
    "content-type: application/json",
    "-d",
  ]);
  expect(JSON.parse(given.at(-2) ?? "")).toEqual({
    query: "query T($id: ID!) { turn(id: $id) { id } }",
    variables: { id },
  });
});
