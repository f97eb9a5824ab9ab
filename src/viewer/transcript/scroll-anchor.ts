// Within so many pixels of the end, the view is at the end.
const AT_END = 24;
// Where a turn that was asked for is put: this part of the view's height from its top.
const PLACE = 0.15;

/**
 * Keeps what is read in its place while turns come, grow, or are laid out for the first time, and the end in view where it was
 * in view. Browsers do so themselves only in part: none does at the very top, Safari nowhere.
 */
export class ScrollAnchor {
  readonly #scroller: HTMLElement;
  readonly #content: HTMLElement;
  readonly #onMove: () => void;
  readonly #observer = new ResizeObserver(() => this.restore());
  #kept: { element: Element; top: number } | null = null;
  #isAtEnd = true;
  #scrollTop = 0;

  /** Turns are the elements of the class `turn` in the content, and have their long parts in those of the class `segment`. */
  constructor(scroller: HTMLElement, content: HTMLElement, onMove: () => void) {
    this.#scroller = scroller;
    this.#content = content;
    this.#onMove = onMove;
    this.#observer.observe(scroller);
    this.#observer.observe(content);
    scroller.addEventListener("scroll", this.#remember, { passive: true });
    // What unfolds does so below what was pressed.
    content.addEventListener("click", this.#holdPressed, { capture: true });
  }

  /** Whether the view shows the end, and stays there. */
  get isAtEnd(): boolean {
    return this.#isAtEnd;
  }

  /** Puts everything back to where it was: to be called after each change of the content, before it is painted. */
  restore(): void {
    // Scrolled since the last event of scrolling: that place is the one to keep.
    if (Math.abs(this.#scroller.scrollTop - this.#scrollTop) >= 1) this.#remember();
    else if (this.#isAtEnd) this.#scroll(this.#scroller.scrollHeight);
    else {
      if (this.#kept?.element.isConnected) {
        const moved = this.#topOf(this.#kept.element) - this.#kept.top;
        if (Math.abs(moved) >= 1) this.#scroll(this.#scrollTop + moved);
      }
      this.#isAtEnd = this.#showsEnd();
      this.#onMove();
    }
  }

  /** Scrolls to the element, and keeps it there. */
  place(element: Element): void {
    this.#isAtEnd = false;
    this.#kept = { element, top: this.#scroller.clientHeight * PLACE };
    this.#scrollTop = this.#scroller.scrollTop;
    this.restore();
  }

  toEnd(): void {
    this.#isAtEnd = true;
    this.#scroll(this.#scroller.scrollHeight);
    this.#onMove();
  }

  close(): void {
    this.#observer.disconnect();
    this.#scroller.removeEventListener("scroll", this.#remember);
    this.#content.removeEventListener("click", this.#holdPressed, { capture: true });
  }

  readonly #remember = (): void => {
    this.#scrollTop = this.#scroller.scrollTop;
    this.#isAtEnd = this.#showsEnd();
    const element = this.#findAnchor();
    this.#kept = element === null ? null : { element, top: this.#topOf(element) };
    this.#onMove();
  };

  readonly #holdPressed = ({ target }: MouseEvent): void => {
    if (!(target instanceof Element) || target.closest("summary, button") === null) return;
    this.#isAtEnd = false;
    this.#kept = { element: target, top: this.#topOf(target) };
  };

  #scroll(scrollTop: number): void {
    this.#scroller.scrollTop = scrollTop;
    this.#scrollTop = this.#scroller.scrollTop;
  }

  #showsEnd(): boolean {
    const { scrollTop, scrollHeight, clientHeight } = this.#scroller;
    return scrollHeight - scrollTop - clientHeight < AT_END;
  }

  /**
   * The first turn or segment that begins in view. Where none does, the one that fills it: it grows at its end.
   */
  #findAnchor(): Element | null {
    const turns = this.#content.getElementsByClassName("turn");
    const at = firstWhere(turns, (turn) => this.#topOf(turn) >= 0);
    const cut = turns[at - 1];
    const segments = cut?.getElementsByClassName("segment");
    const within = segments?.[firstWhere(segments, (segment) => this.#topOf(segment) >= 0)];
    const candidates = [within, turns[at]].filter((element) => element !== undefined);
    return candidates.find((element) => this.#topOf(element) < this.#scroller.clientHeight) ?? cut ?? null;
  }

  #topOf(element: Element): number {
    return element.getBoundingClientRect().top - this.#scroller.getBoundingClientRect().top;
  }
}

/** The index of the first element that meets the condition, which all behind it meet too; their number for none. */
function firstWhere(elements: HTMLCollectionOf<Element>, meets: (element: Element) => boolean): number {
  let [low, high] = [0, elements.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    const element = elements[middle];
    if (element !== undefined && meets(element)) high = middle;
    else low = middle + 1;
  }
  return low;
}
