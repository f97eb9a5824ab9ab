/**
 * Whether one who has so much of something that is shared may take one more: the first always, as long as any is free, and
 * another only while as many stay free as he then has. One alone so has half at most, two a third each, and whoever comes next
 * finds some.
 */
export function mayTakeMore(held: number, free: number): boolean {
  return free > 0 && (held === 0 || held + 2 <= free);
}
