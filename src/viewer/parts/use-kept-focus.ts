import type { RefObject } from "preact";
import { useLayoutEffect } from "preact/hooks";

/**
 * Keeps the focus where it is when rows of the list move or go. A browser drops the focus of an element that is moved; that of
 * one that went passes to the row in its place.
 */
export function useKeptFocus(list: RefObject<HTMLElement | null>): void {
  const rows = () => [...(list.current?.querySelectorAll<HTMLElement>(".row") ?? [])];
  const active = document.activeElement;
  // Safe cast: the rows are links.
  const focused = list.current?.contains(active) ? (active as HTMLElement) : null;
  const index = focused === null ? -1 : rows().indexOf(focused);
  useLayoutEffect(() => {
    if (focused === null || document.activeElement === focused) return;
    const all = rows();
    const next = focused.isConnected ? focused : all[Math.min(index, all.length - 1)];
    next?.focus({ preventScroll: true });
  });
}
