/**
 * How many migrations may be in flight while a campaign gains trust in its targets.
 *
 * Invariants: pure; the limit grows by one step after as many successes in a row as it is, and shrinks by one step at a
 * failure; it is never below `from`, and never matters above `limits.total`.
 */
export interface RampUp {
  /** In flight at first. */
  from: number;
  /** Of each step. */
  factor: number;
}

export interface Ramp {
  step: number;
  /** In a row, at this step. */
  successes: number;
}

export const FIRST_RAMP: Readonly<Ramp> = { step: 0, successes: 0 };

/** At most so many in flight. */
export function rampLimit({ from, factor }: RampUp, { step }: Ramp): number {
  return Math.ceil(from * factor ** step);
}

export function rampAfterSuccess(ramp: Ramp, { rampUp, total }: { rampUp: RampUp; total: number }): Ramp {
  const limit = rampLimit(rampUp, ramp);
  if (limit >= total) return { ...ramp, successes: 0 };
  const successes = ramp.successes + 1;
  return successes >= limit ? { step: ramp.step + 1, successes: 0 } : { ...ramp, successes };
}

export function rampAfterFailure({ step }: Ramp): Ramp {
  return { step: Math.max(0, step - 1), successes: 0 };
}
