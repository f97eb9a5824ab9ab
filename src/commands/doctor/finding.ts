/** One line of the doctor's. */
export interface Finding {
  /** `warn`: it works, but perhaps not as wished. `fail`: the server does not start, or does not serve. */
  level: "ok" | "warn" | "fail";
  /** What was looked at, in a word. */
  subject: string;
  /** What was found, and for other than `ok` what to do. */
  text: string;
}

/** A finding as one line of text. */
export function formatFinding({ level, subject, text }: Finding): string {
  return `${level.padEnd(4)}  ${subject.padEnd(10)}  ${text.replaceAll(/\s*\n\s*/g, " ")}`;
}
