/**
 * Whether a party that holds `held` parts of something shared may take one more while `free` are left: the first one
 * always, a further one only while as many stay free as the party would then hold. A single party gets half at most,
 * two get a third each, and a newcomer always finds some.
 */
export function mayTakeMore(held: number, free: number): boolean {
  return free > 0 && (held === 0 || held + 2 <= free);
}
