import type { ComponentChildren } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";

import type { Segment } from "./segments.ts";

const AHEAD = "1500px";
// What a line of a segment takes, roughly, until it is laid out.
const CHARACTERS_OF_LINE = 90;

interface Props {
  segment: Segment;
  /** The first ones of a text, which are likely to be in view. */
  isEager: boolean;
  children(text: string): ComponentChildren;
}

/** A segment of a long text, which is empty until it comes near the view. */
export function SegmentView({ segment: { text, isPart }, isEager, children }: Props) {
  const box = useRef<HTMLDivElement>(null);
  const [isNear, setNear] = useState(isEager);
  useEffect(() => {
    if (isNear || box.current === null) return;
    const observer = new IntersectionObserver(
      (entries) => {
        if (entries.some(({ isIntersecting }) => isIntersecting)) setNear(true);
      },
      { root: box.current.closest(".transcript"), rootMargin: AHEAD },
    );
    observer.observe(box.current);
    return () => observer.disconnect();
  }, [isNear]);
  const lines = Math.max(text.split("\n").length, text.length / CHARACTERS_OF_LINE);
  return (
    <div ref={box} class={isPart ? "segment part" : "segment"} style={isNear ? {} : { blockSize: `${lines}lh` }}>
      {isNear && children(text)}
    </div>
  );
}
