/** Whether the time lets a campaign start anything, and how many at a time it trusts. */
import { describe, expect, it } from 'vitest';
import { windowSchema } from '../../../../src/shared/windows/schema.js';
import {
  FIRST_RAMP,
  rampedMs,
  rampAfterFailure,
  rampAfterSuccess,
  rampLimit,
} from '../../../../src/shared/campaign/ramp-up.js';
import {
  endOfWorkMs,
  liftedUntil,
  nextStartMs,
  rememberedOpening,
  timeGateAt,
  type TimeRules,
} from '../../../../src/shared/campaign/time-gate.js';

const at = (iso: string): number => Date.parse(iso);
const NIGHT = windowSchema().parse({ kind: 'allow', cron: '0 22 * * *', duration: '6h', timeZone: 'UTC' });
const rules = (more: Partial<TimeRules> = {}): TimeRules => ({
  ...{ opening: rememberedOpening([NIGHT]), cutoffMs: 3_600_000, notBeforeMs: null, liftedUntilMs: null },
  ...more,
});

describe('the time gate', () => {
  it('is open without windows', () => {
    expect(timeGateAt(rules({ opening: rememberedOpening([]) }), 0)).toEqual({ reason: null, untilMs: null });
  });

  it('is closed until the window opens', () => {
    const gate = timeGateAt(rules(), at('2026-01-01T12:00:00Z'));
    expect(gate).toEqual({ reason: 'window', untilMs: at('2026-01-01T22:00:00Z') });
  });

  it('closes as long before the window as a migration takes', () => {
    expect(timeGateAt(rules(), at('2026-01-02T02:59:59.999Z')).reason).toBeNull();
    expect(timeGateAt(rules(), at('2026-01-02T03:00:00Z'))).toEqual({
      reason: 'window',
      untilMs: at('2026-01-02T04:00:00Z'),
    });
  });

  it('stays closed before notBefore, window or not', () => {
    const notBeforeMs = at('2026-01-02T00:00:00Z');
    const gate = timeGateAt(rules({ notBeforeMs }), at('2026-01-01T23:00:00Z'));
    expect(gate).toEqual({ reason: 'not-before', untilMs: notBeforeMs });
  });

  it('is lifted by startNow until the windows change', () => {
    const nowMs = at('2026-01-01T12:00:00Z');
    const liftedUntilMs = liftedUntil(rules(), nowMs);
    expect(liftedUntilMs).toBe(at('2026-01-01T22:00:00Z'));
    expect(timeGateAt(rules({ liftedUntilMs }), nowMs).reason).toBeNull();
    expect(timeGateAt(rules({ liftedUntilMs }), at('2026-01-02T03:30:00Z')).reason).toBe('window');
  });
});

describe('the ramp-up', () => {
  const rampUp = { from: 1, factor: 2 };
  it('grows after as many successes in a row as are in flight, up to the total', () => {
    let ramp = { ...FIRST_RAMP };
    const limits: number[] = [];
    for (let success = 0; success < 12; success += 1) {
      limits.push(rampLimit(rampUp, ramp));
      ramp = rampAfterSuccess(ramp, { rampUp, total: 6 });
    }
    expect(limits).toEqual([1, 2, 2, 4, 4, 4, 4, 8, 8, 8, 8, 8]);
  });

  it('falls back one step at a failure, and not below the first', () => {
    expect(rampAfterFailure({ step: 2, successes: 3 })).toEqual({ step: 1, successes: 0 });
    expect(rampAfterFailure(FIRST_RAMP)).toEqual({ step: 0, successes: 0 });
  });
});

describe('the look ahead', () => {
  it('finds the next start, or that there is none', () => {
    expect(nextStartMs(rules(), at('2026-01-02T03:30:00Z'))).toBe(at('2026-01-02T22:00:00Z'));
    const once = windowSchema().parse({
      kind: 'allow',
      from: '2026-01-01T00:00Z',
      until: '2026-01-01T00:30Z',
    });
    const tooShort = rules({ opening: rememberedOpening([once]) });
    expect(nextStartMs(tooShort, at('2026-01-01T00:00:00Z'))).toBeNull();
  });

  it('walks work through the nights', () => {
    // Five hours of each night are open for starts.
    const end = endOfWorkMs(rules(), { fromMs: at('2026-01-01T12:00:00Z'), workMs: 11 * 3_600_000 });
    expect(end).toBe(at('2026-01-03T23:00:00Z'));
    const open = rules({ opening: rememberedOpening([]) });
    expect(endOfWorkMs(open, { fromMs: 1_000, workMs: 500 })).toBe(1_500);
  });
});

describe('the duration of a ramp-up', () => {
  const rampUp = { from: 1, factor: 2 };
  it('is that of its steps, and then of full rounds', () => {
    const durationMs = 60_000;
    const all = { items: 15, perRound: 4, durationMs };
    // 1 + 2, and then twelve by four at a time.
    expect(rampedMs(all, { rampUp, ramp: FIRST_RAMP })).toBe(5 * durationMs);
    expect(rampedMs({ ...all, items: 3 }, { rampUp, ramp: FIRST_RAMP })).toBe(2 * durationMs);
  });
});
