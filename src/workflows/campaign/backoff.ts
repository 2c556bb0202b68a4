/** Pauses that double from `firstMs` to `longestMs`; `times` counts from 1. */
export function backoffMs(
  { firstMs, longestMs }: { firstMs: number; longestMs: number },
  times: number,
): number {
  return Math.min(firstMs * 2 ** (times - 1), longestMs);
}
