/**
 * How many migrations may be in flight while a campaign gains trust in its targets.
 *
 * Invariants: pure; the limit grows by one step after as many successes in a row as it is, and shrinks by one step at a
 * failure; it is never below `from`, and never matters above `limits.total`.
 */
import type { CampaignLimits, CampaignSpec, RampUp } from './contract.js';

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

/** The limits, as the ramp-up lets them be where there is one. */
export function rampedLimits(
  { limits, rampUp }: Pick<CampaignSpec, 'limits' | 'rampUp'>,
  ramp: Ramp,
): CampaignLimits {
  if (rampUp === undefined) return limits;
  return { ...limits, total: Math.min(limits.total, rampLimit(rampUp, ramp)) };
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

/**
 * How long `items` take that are started `perRound` at a time, each for `durationMs`, where the ramp-up lets fewer run at
 * first and none fails.
 */
export function rampedMs(
  { items, perRound, durationMs }: { items: number; perRound: number; durationMs: number },
  { rampUp, ramp }: { rampUp: RampUp; ramp: Ramp },
): number {
  let [left, ms, step] = [items, 0, ramp.step];
  for (; left > 0; step += 1) {
    const limit = rampLimit(rampUp, { step, successes: 0 });
    if (limit >= perRound) break;
    left -= limit;
    ms += durationMs;
  }
  return ms + (Math.max(left, 0) / perRound) * durationMs;
}
