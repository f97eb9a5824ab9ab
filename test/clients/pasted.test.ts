import { execFile, spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { promisify } from "node:util";

import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { loadSamples } from "../../src/commands/samples.ts";
import { ask, post } from "../harness/graphql.ts";
import { startTestServer, type TestServer } from "../harness/server.ts";

interface Fence {
  language: string;
  text: string;
}

/** The fences of the page's part from this line of text on, to the next heading. */
function fencesOf(page: string, from: string): Fence[] {
  const text = readFileSync(new URL(`../../${page}`, import.meta.url), "utf8");
  const [, part = ""] = text.split(from);
  const [section = ""] = part.split(/^## /m);
  return [...section.matchAll(/^```(\w*)$\n(.*?)^```$/gms)].map(([, language = "", body = ""]) => ({
    language,
    text: body,
  }));
}

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
  await loadSamples(server.database);
});
afterAll(() => server.close());

const here = (text: string) => text.replaceAll("http://127.0.0.1:4000", server.origin);

/** What a shell prints that the text was pasted into, with these variables. */
async function paste(text: string, env: Record<string, string> = {}): Promise<string> {
  const options = { env: { PATH: process.env.PATH, ...env } };
  return (await promisify(execFile)("sh", ["-c", here(text)], options)).stdout;
}

describe("the examples of the first page, pasted whole", () => {
  const [document, answered, foundry, page, script, fixie, turns] = fencesOf("README.md", "## One example a surface");

  test("a document gets the answer that stands below it", async () => {
    expect(await post(server, document?.text ?? "")).toEqual(JSON.parse(answered?.text ?? ""));
  });

  test("each command prints what stands below it", async () => {
    expect(JSON.parse(await paste(foundry?.text ?? ""))).toEqual(JSON.parse(page?.text ?? ""));
    const [begun = "", ended = ""] = (turns?.text ?? "").trim().split(" …");
    const printed = await paste(fixie?.text ?? "");
    expect([printed.slice(0, begun.length), printed.slice(-ended.length)]).toEqual([begun, ended]);
  });

  test("the program runs as it stands", async () => {
    const [node, flags] = [process.execPath, ["--input-type=module-typescript", "-e"]];
    const { stdout } = await promisify(execFile)(node, [...flags, here(script?.text ?? "").replace("cg_…", "cg_")]);
    // The samples, and the session's.
    expect(stdout.trim().split("\n").length).toBe(13);
  });
});

test("the documents that stream an answer run one after the other, while the command watches", async () => {
  const fences = fencesOf("test/clients/README.md", "## Stream an answer and watch it");
  const [create = "", append = "", update = ""] = fences
    .filter(({ language }) => language === "graphql")
    .map(({ text }) => text);
  const { id: conversation, turns } = (await ask(server, create)).createConversation.conversation;
  const appended = await ask(server, append, { conversation, question: turns.nodes[0].id });
  const command = here(fences.find(({ language }) => language === "sh")?.text ?? "");
  const watching = spawn("sh", ["-c", `exec ${command}`], {
    env: { PATH: process.env.PATH, CONVERSATION: conversation },
  });
  let heard = "";
  watching.stdout.setEncoding("utf8").on("data", (text) => {
    heard += text;
  });
  try {
    await expect.poll(() => heard, { timeout: 10_000 }).toContain('"revision":2');
    await ask(server, update, { turn: appended.appendTurn.turn.id });
    const last =
      fences
        .find(({ text }) => text.startsWith("event: next"))
        ?.text.trim()
        .split("\n")
        .at(-1) ?? "";
    await expect.poll(() => heard, { timeout: 10_000 }).toContain(last);
  } finally {
    watching.kill();
  }
  for (const { text } of fences.filter(({ text }) => text.startsWith("subscription"))) {
    const { errors } = await post(server, text, { conversation }, { accept: "application/json" });
    // Valid: only the media type is not that of a stream.
    expect(errors?.[0]?.extensions.code).toBe("NOT_ACCEPTABLE");
  }
});
