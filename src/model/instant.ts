const RFC_3339 = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.(\d+))?(?:Z|([+-])(\d\d):(\d\d))$/i;

/**
 * The instant that an RFC 3339 text names, cut (never rounded) to milliseconds. Null for any other text, for a day that
 * the calendar lacks, and for an instant outside the years 0001 to 9999 in UTC, which PostgreSQL and ISO 8601 with four
 * digits can both show. A leap second (`:60`) counts as the second after it, as in PostgreSQL: neither can represent
 * it, and refusing it would refuse a correct clock. RFC 3339 allows one only before midnight UTC at the end of a month;
 * elsewhere `:60` is null.
 */
export function parseInstant(text: string): Date | null {
  const match = RFC_3339.exec(text);
  if (match === null) return null;
  const [year, month, day, hour, minute, second] = match.slice(1, 7).map(Number);
  if (year === undefined || month === undefined || day === undefined) return null;
  if (hour === undefined || minute === undefined || second === undefined) return null;
  const offsetHour = Number(match[9] ?? 0);
  const offsetMinute = Number(match[10] ?? 0);
  if (hour > 23 || minute > 59 || second > 60 || offsetHour > 23 || offsetMinute > 59) return null;

  const instant = new Date(0);
  // `Date.UTC` reads the years 0 to 99 as 1900 to 1999.
  instant.setUTCFullYear(year, month - 1, day);
  if (instant.getUTCMonth() !== month - 1 || instant.getUTCDate() !== day) return null;
  const offset = (offsetHour * 60 + offsetMinute) * (match[8] === "-" ? -1 : 1);
  instant.setUTCHours(hour, minute - offset, second, Number((match[7] ?? "").slice(0, 3).padEnd(3, "0")));
  if (second === 60 && !isFirstSecondOfMonth(instant)) return null;
  return instant.getUTCFullYear() >= 1 && instant.getUTCFullYear() <= 9999 ? instant : null;
}

/** The instant as every surface shows it: ISO 8601 in UTC with milliseconds. For instants of the years 0001 to 9999. */
export function formatInstant(instant: Date): string {
  return instant.toISOString();
}

function isFirstSecondOfMonth(instant: Date): boolean {
  return /-01T00:00:00\.\d{3}Z$/.test(instant.toISOString());
}
