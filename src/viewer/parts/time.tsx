import { useEffect, useState } from "preact/hooks";

const MINUTE = 60_000;
const UNITS = [
  ["year", 365 * 24 * 60 * MINUTE],
  ["month", 30 * 24 * 60 * MINUTE],
  ["day", 24 * 60 * MINUTE],
  ["hour", 60 * MINUTE],
  ["minute", MINUTE],
] as const;
const RELATIVE = new Intl.RelativeTimeFormat("en", { numeric: "auto" });

/** An instant as the time since then, and exactly where the pointer rests on it and for programs. */
export function Time({ instant }: { instant: string }) {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), MINUTE);
    return () => clearInterval(timer);
  }, []);
  return (
    <time dateTime={instant} title={new Date(instant).toLocaleString()}>
      {sinceThen(Math.min(Date.parse(instant) - now, 0))}
    </time>
  );
}

function sinceThen(span: number): string {
  for (const [unit, length] of UNITS) if (-span >= length) return RELATIVE.format(Math.trunc(span / length), unit);
  return "now";
}
