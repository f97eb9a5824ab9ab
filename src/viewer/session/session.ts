/** What the page sends with each request; "" for neither. */
export interface Session {
  key: string;
  user: string;
}

/** The codes of errors after which the page asks for a key, or for the user that the key is for. */
export type SignInCode = "UNAUTHENTICATED" | "MISSING_REQUIRED_HEADER";

const NAMES = { key: "conversation-graph.key", user: "conversation-graph.user" };

// In the tab's own storage alone: it ends with the tab, and no other page of the origin reads it. Never in a URL, which histories and logs keep.

/** The tab's session. */
export function readSession(): Session {
  return { key: sessionStorage.getItem(NAMES.key) ?? "", user: sessionStorage.getItem(NAMES.user) ?? "" };
}

/** The headers that say so, whose values are those of the session or what stands for them. */
export function headersOf({ key, user }: Session): Record<string, string> {
  return {
    ...(key !== "" && { authorization: `Bearer ${key}` }),
    ...(user !== "" && { "x-ms-user-isolation-key": user }),
  };
}

/** Keeps the session for the tab. What is "" is forgotten. */
export function keepSession(session: Session): void {
  for (const part of ["key", "user"] as const) {
    if (session[part] === "") sessionStorage.removeItem(NAMES[part]);
    else sessionStorage.setItem(NAMES[part], session[part]);
  }
}
