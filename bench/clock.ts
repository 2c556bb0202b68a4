/** The time of day with parts of a millisecond, to be held against what servers of the same machine write down. */
export function wallClockMs(): number {
  return performance.timeOrigin + performance.now();
}
