import { describe, expect, test } from "vitest";

import { outline, readFixture } from "../harness/outline.ts";
import { readInput, readOne } from "../harness/read-input.ts";

interface Given {
  role?: string;
  content?: unknown;
  [field: string]: unknown;
}

const text = (...parts: unknown[]) => ({ content_type: "text", parts });

/** A conversation of one branch; each message follows the one before it. */
function chain(...messages: Given[]) {
  const mapping = Object.fromEntries(
    messages.map(({ role = "user", content = text("Hi"), author, ...rest }, index) => [
      `n${index}`,
      {
        id: `n${index}`,
        parent: index === 0 ? null : `n${index - 1}`,
        children: [],
        message: { id: `n${index}`, author: { role, ...(author as object) }, content, recipient: "all", ...rest },
      },
    ]),
  );
  return { title: "T", mapping, current_node: `n${messages.length - 1}`, id: "c1" };
}

test("an export: the branch that was shown, with title and times; all else is counted", async () => {
  const { records, problems, notes } = await readInput(await readFixture("chatgpt.json"));
  expect(problems).toEqual([]);
  const [record, empty] = records;
  expect(outline(record?.turns)).toEqual([
    "user: Why is it flat?",
    'assistant (stopped): python{"arguments":"print(20 * 0.02)"} | python -> 0.4 | Take 0.4 g more yeast, and…',
  ]);
  expect(record).toMatchObject({
    id: "6b0f0d9c-1111-4000-8000-000000000001",
    createdAt: new Date("2024-06-20T16:13:20.500Z"),
    updatedAt: new Date("2024-06-20T16:15:00.250Z"),
    metadata: { title: "Bread that does not rise", is_archived: "false", default_model_slug: "gpt-4o" },
    timesMadeUp: false,
  });
  expect(record?.turns.map(({ id, timestamp }) => [id, timestamp.toISOString()])).toEqual([
    ["q1", "2024-06-20T16:13:21.125Z"],
    ["call", "2024-06-20T16:13:24.000Z"],
  ]);
  expect(empty).toMatchObject({ metadata: { title: "Never begun" }, turns: [] });
  expect(notes).toEqual(
    ["custom instructions", "part image_asset_pointer", "attachment", "reasoning", "branch that was not shown"].map(
      (what) => `left out: ${what}, once`,
    ),
  );
});

describe("a message", () => {
  const question = { role: "user" };
  test.each<[what: string, message: Given, line: string]>([
    ["of an assistant", { content: text("a", "b") }, "a\nb"],
    ["of code for the user", { content: { content_type: "code", text: "1 + 1" } }, "1 + 1"],
    ["to a tool", { recipient: "dalle.text2im", content: text('{"prompt": "cat"}') }, 'dalle.text2im{"prompt":"cat"}'],
    ["to a tool, empty", { recipient: "browser", content: text("") }, "browser{}"],
    ["of a tool", { role: "tool", author: { name: "bio" }, content: text("saved") }, "bio -> saved"],
    ["of a tool without name", { role: "tool", content: text("x") }, "function_call_output -> x"],
    [
      "of a browser",
      {
        role: "tool",
        author: { name: "browser" },
        content: { content_type: "tether_browsing_display", result: "page" },
      },
      "browser -> page",
    ],
    [
      "of a failed tool",
      { role: "tool", author: { name: "python" }, content: { content_type: "system_error", text: "no" } },
      "python !> no",
    ],
    [
      "of a kernel that failed",
      {
        role: "tool",
        author: { name: "python" },
        content: { content_type: "execution_output", text: "boom" },
        metadata: { aggregate_result: { status: "failed_with_in_kernel_exception" } },
      },
      "python !> boom",
    ],
    [
      "of a tool that painted",
      {
        role: "tool",
        author: { name: "dalle" },
        content: { content_type: "multimodal_text", parts: [{ content_type: "image_asset_pointer" }] },
      },
      "dalle -> ",
    ],
    [
      "that was spoken",
      {
        content: {
          content_type: "multimodal_text",
          parts: [{ content_type: "audio_transcription", text: "hm" }, { content_type: "audio_asset_pointer" }],
        },
      },
      "hm",
    ],
    ["of a content of the future", { content: { content_type: "sonic_webpage", text: "words" } }, "words"],
  ])("%s", async (_what, message, line) => {
    const { turns } = await readOne(chain(question, { role: "assistant", ...message }));
    expect(outline(turns)).toEqual(["user: Hi", `assistant: ${line}`]);
  });

  test.each<[what: string, message: Given, note: string[]]>([
    [
      "hidden",
      { content: text("secret"), metadata: { is_visually_hidden_from_conversation: true } },
      ["hidden system message"],
    ],
    ["empty", { content: text("") }, []],
    ["an assistant's, empty", { role: "assistant", content: text("") }, []],
    ["an assistant's aside", { role: "assistant", content: text("hm"), channel: "analysis" }, ["reasoning"]],
    [
      "of reasoning",
      { role: "assistant", content: { content_type: "reasoning_recap", content: "5 s" } },
      ["reasoning"],
    ],
  ])("that was not said (%s) is no turn", async (_what, message, whats) => {
    const { records, notes } = await readInput(chain({ role: "system", ...message }, question));
    expect(outline(records[0]?.turns)).toEqual(["user: Hi"]);
    expect(notes).toEqual(whats.map((what) => `left out: ${what}, once`));
  });

  test("of the system that was shown is the system prompt", async () => {
    expect((await readOne(chain({ role: "system", content: text("Be kind.") }, question))).metadata).toEqual({
      system: "Be kind.",
      title: "T",
    });
  });

  test.each<[problem: string, message: Given]>([
    ["n1.message.author.role: must be one of system, user, assistant, tool", { role: "robot" }],
    ["n1.message.content.parts: must be an array", { content: { content_type: "text", parts: "Hi" } }],
    ["n1.message.content.parts[0]: must be a JSON object", { content: text(7) }],
    ["n1.message.content: must be a JSON object", { content: "Hi" }],
    ["n1.message.content.content_type: is missing", { content: {} }],
    [
      "n1.message: holds nothing but part image_asset_pointer (--repair keeps it without words)",
      { content: { content_type: "multimodal_text", parts: [{ content_type: "image_asset_pointer" }] } },
    ],
    [
      "n1.message.content.parts[0]: holds a NUL or half of a surrogate pair (--repair puts U+FFFD in its place)",
      { content: text("\0") },
    ],
  ])("that is bad: %s", async (problem, message) => {
    const { records, problems } = await readInput([chain(question), chain(question, message), chain(question)]);
    expect(problems).toEqual([`[1]: mapping.${problem}`]);
    expect(records).toHaveLength(2);
  });
});
