import type { IncomingHttpHeaders } from "node:http";
import Negotiator from "negotiator";

// No client names so many. The `negotiator` package takes 60 ms for a header of 60 KB.
const MOST_CHARACTERS = 1000;

/**
 * The offered codings that the caller accepts, and "identity" where an answer may go as it is: the one that the caller likes
 * best first, and of those that the caller likes equally the one that is offered first. A header beyond 1,000 characters
 * counts as none.
 */
export function acceptedCodings<const Coding extends string>(
  headers: IncomingHttpHeaders,
  offered: readonly Coding[],
): (Coding | "identity")[] {
  const { "accept-encoding": accepted = "" } = headers;
  if (accepted === "" || accepted.length > MOST_CHARACTERS) return ["identity"];
  const known = [...offered, "identity"] as const;
  // @ts-expect-error @types/negotiator 0.6.5 does not know the second argument of negotiator 1.1.
  const found: string[] = new Negotiator({ headers }).encodings(known, { preferred: known });
  return found.flatMap((name) => known.filter((coding) => coding === name));
}
