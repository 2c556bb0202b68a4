/** The time of day with fractions of a millisecond, to compare with timestamps of servers on the same machine. */
export function wallClockMs(): number {
  return performance.timeOrigin + performance.now();
}
