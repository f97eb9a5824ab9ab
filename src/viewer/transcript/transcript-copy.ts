import { createContext, type RefObject } from "preact";
import { useEffect } from "preact/hooks";

import { copyText } from "./copy-text.ts";

/** Copies the text, and says so by the name of what was copied. */
export type Copy = (text: string, what: string) => void;

export const CopyContext = createContext<Copy>(() => {});

/** A function that copies and says how that went. */
export function createCopy(say: (words: string) => void): Copy {
  return (text, what) => {
    void copyText(text).then((isCopied) => say(isCopied ? `${what} is copied.` : "The browser refuses to copy."));
  };
}

/** Copies a block of code in the element when its button is pressed. */
export function useCopyOfCode(element: RefObject<HTMLElement | null>, copy: Copy): void {
  useEffect(() => {
    const listen = ({ target }: MouseEvent) => {
      if (!(target instanceof Element)) return;
      const code = target.closest(".copy-code")?.closest("figure")?.querySelector("code")?.textContent;
      if (code) copy(code, "The code");
    };
    element.current?.addEventListener("click", listen);
    return () => element.current?.removeEventListener("click", listen);
  }, [element, copy]);
}
