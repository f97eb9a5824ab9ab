import { createContext } from "preact";
import { useCallback, useContext, useEffect, useState } from "preact/hooks";

import { formatPlace, type Place, parsePlace } from "./place.ts";

/** Goes to the place with these changes: as a step that the browser's back button takes back, or in the place of the last one. */
type Go = (change: Partial<Place>, how?: "push" | "replace") => void;

export interface Navigation {
  place: Place;
  go: Go;
}

/** The place that the URL names now: what a listener reads, which a render may not have reached yet. */
export function currentPlace(): Place {
  return parsePlace(location.search);
}

/** The page's place as its URL has it. For the outermost component; those inside use `useNavigation`. */
export function useLocation(): Navigation {
  const [place, setPlace] = useState(currentPlace);
  useEffect(() => {
    const follow = () => setPlace(currentPlace());
    addEventListener("popstate", follow);
    return () => removeEventListener("popstate", follow);
  }, []);
  const go = useCallback<Go>((change, how = "push") => {
    const url = formatPlace({ ...currentPlace(), ...change });
    if (how === "push") history.pushState(null, "", url);
    else history.replaceState(null, "", url);
    setPlace(currentPlace());
  }, []);
  return { place, go };
}

export const NavigationContext = createContext<Navigation | null>(null);

/** The page's place, and the way to others. */
export function useNavigation(): Navigation {
  const navigation = useContext(NavigationContext);
  if (navigation === null) throw new Error("This component stands outside of the page.");
  return navigation;
}
