/** One line of the doctor's report. */
export interface Finding {
  /** `warn`: it works, but perhaps not as wished. `fail`: the server does not start, or does not serve. */
  level: "ok" | "warn" | "fail";
  /** The subject of the check, in a word. */
  subject: string;
  /** What was found and, unless `ok`, what to do. */
  text: string;
}

/** The finding as one line of text. */
export function formatFinding({ level, subject, text }: Finding): string {
  return `${level.padEnd(4)}  ${subject.padEnd(10)}  ${text.replaceAll(/\s*\n\s*/g, " ")}`;
}
