import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { durationMs, durationSchema, LONGEST_DURATION_MS } from '../../../src/shared/duration.js';

describe('a duration', () => {
  it.each([
    [250, 250],
    [250.4, 250],
    ['250ms', 250],
    ['90s', 90_000],
    ['2m', 120_000],
    ['1.5h', 5_400_000],
    ['1d', 86_400_000],
    [' 2 m ', 120_000],
    ['0.5s', 500],
  ])('%j is %i ms', (given, ms) => {
    expect(durationMs(given)).toBe(ms);
    expect(durationSchema().parse(given)).toBe(ms);
  });

  it.each([
    '',
    '2',
    'm',
    '-2m',
    '+2m',
    '2M',
    '2 min',
    '1h30m',
    '1e3ms',
    '.5s',
    '5.s',
    '0x10s',
    '٢m',
    'Infinitys',
  ])('%j is none', (given) => {
    expect(durationMs(given)).toBeNull();
    expect(durationSchema().safeParse(given).error?.issues[0]?.message).toMatch(/1 ms to 30d.*"2m"/);
  });

  it.each([0, -1, 0.4, NaN, Infinity, LONGEST_DURATION_MS + 1, '0s', '31d', '9'.repeat(400) + 'd'])(
    '%j is too short, too long or no number',
    (given) => {
      expect(durationSchema().safeParse(given).success).toBe(false);
    },
  );

  it.each([null, true, [], {}, 10n])('%s is of the wrong type', (given) => {
    expect(durationSchema().safeParse(given).error?.issues[0]?.message).toMatch(/^expected milliseconds, or/);
  });

  it('parsed once is the same when parsed again, and fits the expiration of a message', () => {
    const unit = fc.constantFrom('ms', 's', 'm', 'h', 'd');
    const given = fc
      .tuple(fc.double({ min: 0, max: 1e9, noNaN: true }), unit)
      .map(([amount, name]) => `${amount.toFixed(3)}${name}`);
    fc.assert(
      fc.property(given, (value) => {
        const parsed = durationSchema().safeParse(value);
        if (!parsed.success) return;
        expect(Number.isInteger(parsed.data)).toBe(true);
        expect(parsed.data).toBeGreaterThanOrEqual(1);
        expect(parsed.data).toBeLessThan(2 ** 32);
        expect(durationSchema().parse(parsed.data)).toBe(parsed.data);
      }),
    );
  });
});
