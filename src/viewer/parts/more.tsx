import { useEffect, useRef } from "preact/hooks";

interface Props {
  /** Read the next page; called when the end of the list comes near, and by the button. */
  onMore(): void;
  isLoading: boolean;
  /** Whether the last read failed: then only the button reads again. */
  hasFailed: boolean;
  /** What changes when a page was added. */
  length: number;
}

/** The end of a list that goes on. */
export function More({ onMore, isLoading, hasFailed, length }: Props) {
  const button = useRef<HTMLButtonElement>(null);
  const latest = useRef(onMore);
  latest.current = onMore;
  useEffect(() => {
    const end = button.current;
    if (end === null || hasFailed) return;
    // Made again after each page: an end that stays in sight is no event.
    const observer = new IntersectionObserver(
      (entries) => {
        if (entries.some(({ isIntersecting }) => isIntersecting)) latest.current();
      },
      { root: end.closest(".scroll"), rootMargin: "0px 0px 800px 0px" },
    );
    observer.observe(end);
    return () => observer.disconnect();
  }, [length, hasFailed]);
  return (
    <button ref={button} type="button" class="more" aria-disabled={isLoading} onClick={onMore}>
      {isLoading ? "Loading…" : hasFailed ? "Try again" : "More"}
    </button>
  );
}
