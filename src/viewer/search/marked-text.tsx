import type { Hit } from "./documents.ts";

/** The snippet with its matches marked. Their places are code points, of which JavaScript's strings have other indexes. */
export function MarkedText({ snippet, matches }: Pick<Hit, "snippet" | "matches">) {
  const characters = Array.from(snippet);
  const text = (start: number, end?: number) => characters.slice(start, end).join("");
  return (
    <span class="snippet" dir="auto">
      {matches.map(({ start, end }, index) => (
        <>
          {text(matches[index - 1]?.end ?? 0, start)}
          <mark>{text(start, end)}</mark>
        </>
      ))}
      {text(matches.at(-1)?.end ?? 0)}
    </span>
  );
}
