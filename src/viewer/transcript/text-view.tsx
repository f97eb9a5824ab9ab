import { memo } from "preact/compat";
import { useMemo, useState } from "preact/hooks";

import { formatBytes } from "./format.ts";
import { markdownToHtml } from "./markdown.ts";
import { sanitizeHtml } from "./sanitize-html.ts";
import { SegmentView } from "./segment-view.tsx";
import { splitLines, splitMarkdown } from "./segments.ts";

// Segments that are shown of a text before all are asked for.
const FEW = 3;

interface Props {
  text: string;
  /** Whether it is still being said: its end is then always shown. */
  isGrowing?: boolean;
}

/** A text in Markdown. Of a long one only the beginning is shown until all of it is asked for. */
export function MarkdownText({ text, isGrowing = false }: Props) {
  return <LongText text={text} isWhole={isGrowing} split={splitMarkdown} render={(part) => <Markdown text={part} />} />;
}

/** A text as it is, line by line. Long ones as with Markdown. */
export function PlainText({ text }: Props) {
  // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reached by the keyboard
  return <LongText text={text} isWhole={false} split={splitLines} render={(part) => <pre tabIndex={0}>{part}</pre>} />;
}

interface LongTextProps {
  text: string;
  isWhole: boolean;
  split: typeof splitLines;
  render(part: string): preact.ComponentChildren;
}

function LongText({ text, isWhole, split, render }: LongTextProps) {
  const [isAll, setAll] = useState(isWhole);
  const segments = useMemo(() => split(text), [split, text]);
  const shown = isAll || segments.length <= FEW ? segments : segments.slice(0, FEW);
  return (
    <>
      {shown.map((segment, index) => (
        <SegmentView key={index} segment={segment} isEager={index < FEW || index === shown.length - 1}>
          {render}
        </SegmentView>
      ))}
      {shown.length < segments.length && (
        <button type="button" class="show-all" onClick={() => setAll(true)}>
          Show all ({formatBytes(text)})
        </button>
      )}
    </>
  );
}

const Markdown = memo(({ text }: { text: string }) => {
  const __html = useMemo(() => sanitizeHtml(markdownToHtml(text)), [text]);
  return <div class="markdown" dir="auto" dangerouslySetInnerHTML={{ __html }} />;
});
