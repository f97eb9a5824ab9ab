import fc from "fast-check";
import { describe, expect, test } from "vitest";

import { EXPORT_TARGETS } from "../../src/formats/export/target.ts";
import { ReadingNotes } from "../../src/formats/reading-notes.ts";
import type { ConversationRecord } from "../../src/model/conversation-record.ts";
import { randomConversation } from "../harness/random-turns.ts";
import { readInput } from "../harness/read-input.ts";
import { asChat, asOpenaiItems, asUiMessages, type SaidTurn } from "./sayable.ts";

function write(name: string, record: ConversationRecord): { line: string; notes: string[] } {
  const target = EXPORT_TARGETS.find((candidate) => candidate.name === name);
  if (target === undefined) throw new Error(`no target ${name}`);
  const notes = new ReadingNotes();
  return { line: target.write(record, notes), notes: notes.lines() };
}

describe("what is written is read again as the same turns, but for what the format cannot say:", () => {
  test.each([
    ["openai-items", asOpenaiItems],
    ["ui-messages", asUiMessages],
    ["chat", asChat],
  ] as const)("%s", async (name, sayable) => {
    await fc.assert(
      fc.asyncProperty(fc.array(randomConversation, { minLength: 1, maxLength: 2 }), async (drawn) => {
        const records = drawn.map((record, index) => ({ ...record, id: `c${index}` }));
        const lines = records.map((record) => write(name, record).line);
        const { records: read, problems } = await readInput(lines.join("\n"));
        expect(problems).toEqual([]);
        expect(read.map(({ id, createdAt, metadata }) => ({ id, createdAt, metadata }))).toEqual(
          records.map(({ id, createdAt, metadata }) => ({ id, createdAt, metadata })),
        );
        expect(read.map(({ turns }) => turns.map((turn) => said(turn, name)))).toEqual(
          records.map((record) => sayable(record).map((turn) => said(turn, name))),
        );
      }),
      { numRuns: 200 },
    );
  });
});

/** Chat messages have no ids. */
function said({ id, role, state, messages }: SaidTurn, name: string): object {
  return { ...(name !== "chat" && { id }), role, state, messages };
}
