import type { AnchorHTMLAttributes, ComponentChildren } from "preact";

import { formatPlace, type Place } from "./place.ts";
import { useNavigation } from "./use-place.ts";

type Props = Omit<AnchorHTMLAttributes, "href" | "onClick" | "role"> & {
  to: Partial<Place>;
  children: ComponentChildren;
};

/** A link to the place with these changes. It opens without a load of the page, and in a tab of its own as any link does. */
export function Link({ to, ...attributes }: Props) {
  const { place, go } = useNavigation();
  const open = (event: MouseEvent) => {
    if (event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    go(to);
  };
  return <a {...attributes} href={formatPlace({ ...place, ...to })} onClick={open} />;
}
