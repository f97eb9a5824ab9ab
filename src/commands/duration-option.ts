import { UsageError } from "./command.ts";

const SECONDS = { m: 60, h: 3600, d: 86_400 } as const;

/** The longest duration: a hundred years. */
const MAX_SECONDS = 36_500 * SECONDS.d;

/** The seconds in a text such as `30d`, `24h` or `15m`. Throws UsageError, which names the option, for any other. */
export function readDuration(option: string, text: string): number {
  const [, digits = "", unit = ""] = /^(\d{1,9})([mhd])$/.exec(text) ?? [];
  const seconds = unit === "" ? Number.NaN : Number(digits) * SECONDS[unit as keyof typeof SECONDS];
  if (seconds <= MAX_SECONDS) return seconds;
  throw new UsageError(
    `--${option} must be a number of days, hours or minutes, such as 30d, 24h or 15m; 36500d at most`,
  );
}
