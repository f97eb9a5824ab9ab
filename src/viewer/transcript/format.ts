const COUNT = new Intl.NumberFormat("en", { maximumFractionDigits: 1 });
const INSTANT = new Intl.DateTimeFormat("en", { dateStyle: "medium", timeStyle: "short" });

/** The text's size in UTF-8, for people. */
export function formatBytes(text: string): string {
  const bytes = new TextEncoder().encode(text).length;
  if (bytes < 1000) return `${bytes} B`;
  return bytes < 1_000_000 ? `${COUNT.format(bytes / 1000)} kB` : `${COUNT.format(bytes / 1_000_000)} MB`;
}

/** The instant in the reader's time zone, to the minute. */
export function formatInstant(instant: string): string {
  return INSTANT.format(new Date(instant));
}

export function formatCount(count: number, one: string): string {
  return `${COUNT.format(count)} ${one}${count === 1 ? "" : "s"}`;
}
