import { useEffect, useRef } from "preact/hooks";

import { currentPlace, useNavigation } from "../place/use-place.ts";

// Between keys: no search for each letter of a word.
const PAUSE_MS = 300;

/** The words to search for. They take effect a moment after the last key, and at once by Enter. */
export function SearchBox() {
  const { place, go } = useNavigation();
  const field = useRef<HTMLInputElement>(null);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(() => {
    // Back and forward change it too. While it is typed, it is ahead of the place.
    const isTyped = document.activeElement === field.current && place.search !== "";
    if (field.current !== null && !isTyped) field.current.value = place.search;
  }, [place.search]);
  const search = () => {
    clearTimeout(timer.current);
    const words = field.current?.value.trim() ?? "";
    // One step back leaves the search, however often the words were changed.
    const before = currentPlace().search;
    if (words !== before) go({ search: words }, before === "" ? "push" : "replace");
  };
  const wait = () => {
    clearTimeout(timer.current);
    timer.current = setTimeout(search, PAUSE_MS);
  };
  useEffect(() => () => clearTimeout(timer.current), []);
  return (
    <search class="search">
      <form
        onSubmit={(event) => {
          event.preventDefault();
          search();
        }}
      >
        <input
          ref={field}
          type="search"
          name="search"
          aria-label="Search what was said"
          aria-keyshortcuts="/"
          placeholder="Search what was said"
          autocomplete="off"
          dir="auto"
          defaultValue={place.search}
          onInput={wait}
        />
      </form>
    </search>
  );
}
