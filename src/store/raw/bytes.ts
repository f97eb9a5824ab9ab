/** Whether these bytes stand there. */
export function startsWith(bytes: Buffer, start: number, what: Buffer): boolean {
  if (start + what.length > bytes.length) return false;
  // What is looked for is short: a call of the runtime's own comparison takes longer.
  for (let at = 0; at < what.length; at += 1) if (bytes[start + at] !== what[at]) return false;
  return true;
}

/** The whole number that is spelled in decimal from start to end, which may be negative. */
export function readInteger(bytes: Buffer, start: number, end: number): number {
  const isNegative = bytes[start] === 0x2d;
  let number = 0;
  for (let at = isNegative ? start + 1 : start; at < end; at += 1) number = 10 * number + (bytes[at] ?? 0) - 0x30;
  return isNegative ? -number : number;
}

/** The place of the first quote from start to end; the end where there is none. */
export function findQuote(bytes: Buffer, start: number, end: number): number {
  const found = bytes.indexOf(0x22, start);
  return found < 0 || found > end ? end : found;
}

/** The place of the first control character from start to end; the end where there is none. */
export function findControl(bytes: Buffer, start: number, end: number): number {
  let at = start;
  while (at < end && (bytes[at] ?? 0) >= 0x20) at += 1;
  return at;
}
