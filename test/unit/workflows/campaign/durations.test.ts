/** The percentile of durations, of which some are taken back. */
import { describe, expect, it } from 'vitest';
import { Durations } from '../../../../src/workflows/campaign/durations.js';

const of = (...all: number[]): Durations => {
  const durations = new Durations();
  for (const ms of all) durations.add(ms);
  return durations;
};

describe('the 95th percentile', () => {
  it('is known from five durations on', () => {
    expect(of(4, 1, 3, 2).p95Ms).toBeNull();
    expect(of(50, 1, 4, 3, 2).p95Ms).toBe(50);
    expect(of(...Array.from({ length: 100 }, (_, index) => 100 - index)).p95Ms).toBe(95);
  });

  it('forgets what is taken back', () => {
    const durations = of(1, 2, 3, 4, 5, 50);
    durations.remove(50);
    expect(durations.p95Ms).toBe(5);
    durations.remove(7);
    expect(durations.p95Ms).toBe(5);
  });
});
