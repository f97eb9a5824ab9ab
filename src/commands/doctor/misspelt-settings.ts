import { distance } from "fastest-levenshtein";

import { SETTINGS } from "../../config.ts";
import type { Finding } from "./finding.ts";

const KNOWN = SETTINGS.map(({ variable }) => variable);

// So short a name is close to many that other programs use, such as HOST to HOME.
const SHORTEST = 6;
const LONG = 10;

/** A warning for each variable that looks like a setting and is none: it changes nothing, and no other command says so. */
export function* findMisspeltSettings(env: NodeJS.ProcessEnv): Generator<Finding> {
  for (const variable of Object.keys(env)) {
    const meant = KNOWN.includes(variable) ? undefined : KNOWN.find((known) => isClose(variable, known));
    if (meant === undefined) continue;
    yield {
      level: "warn",
      subject: "settings",
      text: `${variable} is no setting, and changes nothing: did you mean ${meant}?`,
    };
  }
}

function isClose(variable: string, known: string): boolean {
  if (variable.toUpperCase() === known) return true;
  if (variable.length < SHORTEST || known.length < SHORTEST) return false;
  return distance(variable.toUpperCase(), known) <= (known.length < LONG ? 1 : 2);
}
