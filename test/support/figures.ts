/** Figures of a measurement, for people and for assertions. */

/** The smallest value that at most 1 % of the values exceed. */
export function p99(values: readonly number[]): number {
  const sorted = [...values].sort((left, right) => left - right);
  return sorted[Math.ceil(sorted.length * 0.99) - 1] ?? NaN;
}

/** Prints the figures in one line, in milliseconds. */
export function report(what: string, values: readonly number[]): void {
  const round = (value: number): string => `${Math.round(value)} ms`;
  const sorted = [...values].sort((left, right) => left - right);
  const median = sorted[Math.floor(sorted.length / 2)] ?? NaN;
  const figures = `median ${round(median)}, p99 ${round(p99(values))}, longest ${round(Math.max(...values))}`;
  console.log(`${what}: ${figures} (${values.length} times)`);
}
