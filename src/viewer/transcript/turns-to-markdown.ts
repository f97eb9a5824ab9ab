import { prettyJson } from "../json/pretty-json.ts";
import type { Fragment, Turn } from "./turn.ts";

/** What heads a conversation's Markdown. */
export interface Head {
  id: string;
  title: string | null;
  createdAt: string;
  agent: { agentId: string } | null;
}

/** The conversation as a Markdown document, its parts in order. */
export function headToMarkdown({ id, title, createdAt, agent }: Head): string {
  const facts = [`\`${id}\``, createdAt, ...(agent === null ? [] : [`agent ${agent.agentId}`])];
  return `# ${oneLine(title ?? id)}\n\n${facts.join(" · ")}\n`;
}

/** The turn as a section of the document. Texts are as they were written; arguments and responses are blocks of code. */
export function turnToMarkdown(turn: Turn): string {
  const { role, timestamp, state, errorDetail } = turn;
  const notes = state === "DONE" ? [] : [state.toLowerCase().replace("_", " ")];
  const head = [role === "USER" ? "User" : "Assistant", timestamp, ...notes].join(" · ");
  const failure = errorDetail === null ? [] : [`> Error: ${errorDetail.replaceAll("\n", "\n> ")}`];
  return [`## ${head}`, ...turn.messages.map(fragmentToMarkdown), ...failure].join("\n\n").concat("\n");
}

/** What was said in the turn, without a heading: what its reader copies. */
export function turnToText({ messages, errorDetail }: Turn): string {
  return [...messages.map(fragmentToMarkdown), ...(errorDetail === null ? [] : [errorDetail])].join("\n\n");
}

function fragmentToMarkdown(fragment: Fragment): string {
  switch (fragment.__typename) {
    case "TextFragment":
      return fragment.content;
    case "FunctionCallFragment":
      return `Call of ${inCode(fragment.name)}:\n\n${inFence(prettyJson(fragment.args), "json")}`;
    case "FunctionResponseFragment": {
      const what = fragment.failed ? "Failed response" : "Response";
      return `${what} of ${inCode(fragment.name)}:\n\n${inFence(fragment.response, "")}`;
    }
  }
}

function inCode(name: string): string {
  const ticks = "`".repeat(longestTicks(name) + 1);
  return name.includes("`") ? `${ticks} ${oneLine(name)} ${ticks}` : `\`${oneLine(name)}\``;
}

function inFence(text: string, language: string): string {
  const fence = "`".repeat(Math.max(3, longestTicks(text) + 1));
  return `${fence}${language}\n${text}${text.endsWith("\n") ? "" : "\n"}${fence}`;
}

function longestTicks(text: string): number {
  return (text.match(/`+/g) ?? []).reduce((most, { length }) => Math.max(most, length), 0);
}

function oneLine(text: string): string {
  return text.replace(/\s+/g, " ");
}
