import { useEffect } from "preact/hooks";

import { currentPlace, type Navigation } from "./place/use-place.ts";

/**
 * The page's keys: `/` to search, `j` and `k` down and up the list, Escape out of the search or the conversation. Enter opens, as
 * on any link. Keys that are typed into a field, or come with another one, are left alone.
 */
export function useKeys({ go }: Navigation): void {
  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
      if (event.key === "Escape") return leave(event);
      if (isTyping(event.target)) return;
      const act = { "/": focusSearch, j: () => step(1), k: () => step(-1) }[event.key];
      if (act === undefined) return;
      event.preventDefault();
      act();
    };
    const leave = ({ target }: KeyboardEvent) => {
      const { conversation, search } = currentPlace();
      const field = target instanceof HTMLElement && target.matches("input[type=search]") ? target : null;
      if (search !== "" && (field !== null || conversation === "")) go({ search: "" });
      else if (field !== null) field.blur();
      else if (conversation !== "") close();
    };
    const close = () => {
      const row = current();
      go({ conversation: "", turn: "" });
      // Shown again first, on a narrow screen.
      requestAnimationFrame(() => row?.focus());
    };
    document.addEventListener("keydown", press);
    return () => document.removeEventListener("keydown", press);
  }, [go]);
}

function isTyping(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && target.matches("input, textarea, select, [contenteditable]");
}

function focusSearch(): void {
  const field = document.querySelector<HTMLInputElement>(".search input");
  field?.focus();
  field?.select();
}

const rows = () => [...document.querySelectorAll<HTMLElement>(".row")];

/** The row with the focus, else the open one. */
function current(): HTMLElement | undefined {
  const all = rows();
  return all.find((row) => row === document.activeElement) ?? all.find((row) => row.ariaCurrent === "true");
}

function step(by: 1 | -1): void {
  const all = rows();
  const from = current();
  const next = from === undefined ? all[0] : all[all.indexOf(from) + by];
  next?.focus();
}
