/** When windows open and close, on nights on which the clock changes too. */
import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { openingAt } from '../../../../src/shared/windows/opening.js';
import { windowSchema, type Window } from '../../../../src/shared/windows/schema.js';

const window = (value: unknown): Window => windowSchema().parse(value);
const at = (iso: string): number => Date.parse(iso);
const iso = (ms: number | null): string | null => (ms === null ? null : new Date(ms).toISOString());

/** The next intervals in which anything may start. */
function openings(windows: unknown[], { from, count }: { from: string; count: number }): string[] {
  const checked = windows.map(window);
  const found: string[] = [];
  for (let ms = at(from); found.length < count;) {
    const { isOpen, untilMs } = openingAt(checked, ms);
    if (isOpen) found.push(`${iso(ms) ?? ''} ${iso(untilMs) ?? ''}`);
    if (untilMs === null) break;
    ms = untilMs;
  }
  return found;
}

const problemsOf = (value: unknown): string[] =>
  windowSchema()
    .safeParse(value)
    .error?.issues.map(({ path, message }) => `${path.join('.')}: ${message}`) ?? [];

describe('windows', () => {
  it('of none: always', () => {
    expect(openingAt([], at('2026-01-01T00:00:00Z'))).toEqual({ isOpen: true, untilMs: null });
  });

  it('on days of the week, at a time of the day, in a zone', () => {
    const nights = {
      kind: 'allow',
      days: ['mon', 'tue'],
      start: '22:00',
      duration: '6h',
      timeZone: 'Europe/Athens',
    };
    expect(openings([nights], { from: '2026-01-04T00:00:00Z', count: 3 })).toEqual([
      '2026-01-05T20:00:00.000Z 2026-01-06T02:00:00.000Z',
      '2026-01-06T20:00:00.000Z 2026-01-07T02:00:00.000Z',
      '2026-01-12T20:00:00.000Z 2026-01-13T02:00:00.000Z',
    ]);
  });

  it('are open for one who asks in the middle', () => {
    const nights = { kind: 'allow', cron: '0 22 * * *', duration: '6h', timeZone: 'UTC' };
    expect(openingAt([window(nights)], at('2026-01-05T01:00:00Z'))).toEqual({
      isOpen: true,
      untilMs: at('2026-01-05T04:00:00Z'),
    });
  });

  it('hold their start, and not their end', () => {
    const nights = [window({ kind: 'allow', cron: '0 22 * * *', duration: '6h', timeZone: 'UTC' })];
    expect(openingAt(nights, at('2026-01-05T22:00:00Z')).isOpen).toBe(true);
    expect(openingAt(nights, at('2026-01-05T21:59:59.999Z')).isOpen).toBe(false);
    expect(openingAt(nights, at('2026-01-05T04:00:00Z')).isOpen).toBe(false);
  });

  it('deny beats allow', () => {
    const freeze = { kind: 'deny', from: '2026-12-24T00:00', until: '2026-12-27T00:00', timeZone: 'UTC' };
    const nights = { kind: 'allow', cron: '0 22 * * *', duration: '4h', timeZone: 'UTC' };
    expect(openings([nights, freeze], { from: '2026-12-23T12:00:00Z', count: 3 })).toEqual([
      '2026-12-23T22:00:00.000Z 2026-12-24T00:00:00.000Z',
      '2026-12-27T00:00:00.000Z 2026-12-27T02:00:00.000Z',
      '2026-12-27T22:00:00.000Z 2026-12-28T02:00:00.000Z',
    ]);
  });

  it('of kind deny alone allow all other time', () => {
    const freeze = { kind: 'deny', from: '2026-12-24T00:00:00Z', until: '2026-12-27T00:00:00+02:00' };
    expect(openings([freeze], { from: '2026-12-23T00:00:00Z', count: 2 })).toEqual([
      '2026-12-23T00:00:00.000Z 2026-12-24T00:00:00.000Z',
      '2026-12-26T22:00:00.000Z ',
    ]);
  });

  it('that touch or overlap are one', () => {
    const hours = { kind: 'allow', cron: '0 1,2,3 * * *', duration: '1h', timeZone: 'UTC' };
    const more = { kind: 'allow', cron: '30 3 * * *', duration: '2h', timeZone: 'UTC' };
    expect(openings([hours, more], { from: '2026-01-01T00:00:00Z', count: 1 })).toEqual([
      '2026-01-01T01:00:00.000Z 2026-01-01T05:30:00.000Z',
    ]);
  });

  it('that never close, or are minutes apart, are answered for in good time', () => {
    const always = window({ kind: 'allow', cron: '* * * * *', duration: '1h', timeZone: 'UTC' });
    const { isOpen, untilMs } = openingAt([always], at('2026-01-01T00:00:00Z'));
    expect(isOpen).toBe(true);
    expect(untilMs).toBeGreaterThan(at('2026-01-02T00:00:00Z'));
  });
});

describe('nights on which the clock changes', () => {
  const nightly = (start: string, timeZone: string) => ({
    kind: 'allow',
    cron: `${start.slice(3)} ${start.slice(0, 2)} * * *`,
    duration: '1h',
    timeZone,
  });

  it.each([
    // Europe/Athens: 03:00 becomes 04:00; 04:00 becomes 03:00.
    [
      'Europe/Athens',
      '03:30',
      '2026-03-28T12:00:00Z',
      ['2026-03-29T01:30:00.000Z', '2026-03-30T00:30:00.000Z'],
    ],
    [
      'Europe/Athens',
      '03:30',
      '2026-10-24T12:00:00Z',
      ['2026-10-25T00:30:00.000Z', '2026-10-26T01:30:00.000Z'],
    ],
    // America/New_York: 02:00 becomes 03:00; 02:00 becomes 01:00.
    [
      'America/New_York',
      '02:30',
      '2026-03-07T12:00:00Z',
      ['2026-03-08T07:30:00.000Z', '2026-03-09T06:30:00.000Z'],
    ],
    [
      'America/New_York',
      '01:30',
      '2026-10-31T12:00:00Z',
      ['2026-11-01T05:30:00.000Z', '2026-11-02T06:30:00.000Z'],
    ],
    // Australia/Lord_Howe: half an hour. 02:00 becomes 02:30; 02:00 becomes 01:30.
    [
      'Australia/Lord_Howe',
      '02:15',
      '2026-10-03T12:00:00Z',
      ['2026-10-03T15:45:00.000Z', '2026-10-04T15:15:00.000Z'],
    ],
    [
      'Australia/Lord_Howe',
      '01:45',
      '2026-04-04T12:00:00Z',
      ['2026-04-04T14:45:00.000Z', '2026-04-05T15:15:00.000Z'],
    ],
  ])('%s: a window at %s opens once, after %s', (timeZone, start, from, instants) => {
    const starts = openings([nightly(start, timeZone)], { from, count: 2 }).map((one) => one.split(' ')[0]);
    expect(starts).toEqual(instants);
  });

  it('a window across the change takes its duration, whatever the clock says', () => {
    const night = { kind: 'allow', days: ['sat'], start: '22:00', duration: '8h', timeZone: 'Europe/Athens' };
    expect(openings([night], { from: '2026-10-24T00:00:00Z', count: 1 })).toEqual([
      '2026-10-24T19:00:00.000Z 2026-10-25T03:00:00.000Z',
    ]);
  });

  it('the machine’s own zone changes nothing', () => {
    const script = `
      import { openingAt } from './src/shared/windows/opening.ts';
      import { windowSchema } from './src/shared/windows/schema.ts';
      const night = windowSchema().parse({ kind: 'allow', cron: '30 3 * * *', duration: '1h', timeZone: 'Europe/Athens' });
      console.log(JSON.stringify(openingAt([night], Date.parse('2026-10-24T12:00:00Z'))));`;
    const under = (TZ: string): string =>
      execFileSync(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', script], {
        env: { ...process.env, TZ },
        encoding: 'utf8',
      });
    expect(under('Pacific/Auckland')).toBe(under('America/St_Johns'));
    expect(under('Asia/Kathmandu')).toBe(
      `{"isOpen":false,"untilMs":${String(at('2026-10-25T00:30:00Z'))}}\n`,
    );
  });
});

describe('a wrong window', () => {
  it.each([
    [
      { kind: 'allow', cron: '0 22 * * *', duration: '6h', timeZone: 'Mars/Base' },
      /timeZone: unknown time zone "Mars/,
    ],
    [
      { kind: 'allow', cron: '0 22 * * *', duration: '6h', timeZone: '+02:00' },
      /timeZone: unknown time zone/,
    ],
    [{ kind: 'allow', cron: '0 22 * * *', duration: '6h' }, /timeZone: /],
    [{ kind: 'allow', cron: '0 25 * * *', duration: '6h', timeZone: 'UTC' }, /cron: .*hour: 25/],
    [
      { kind: 'allow', cron: '0 0 22 * * *', duration: '6h', timeZone: 'UTC' },
      /cron: expected five cron fields/,
    ],
    [{ kind: 'allow', cron: '0 0 30 2 *', duration: '6h', timeZone: 'UTC' }, /cron: /],
    [
      { kind: 'allow', days: ['sun'], start: '24:00', duration: '6h', timeZone: 'UTC' },
      /start: expected a time/,
    ],
    [{ kind: 'allow', days: ['someday'], start: '22:00', duration: '6h', timeZone: 'UTC' }, /days\.0: /],
    [
      { kind: 'deny', from: '2026-12-24T22:00', until: '2026-12-26T22:00' },
      /timeZone: a time without an offset/,
    ],
    [{ kind: 'deny', from: '2026-12-24T22:00Z', until: '2026-12-24T21:00Z' }, /until: is not after from/],
    [{ kind: 'deny', from: '2026-02-30T22:00Z', until: '2026-12-24T21:00Z' }, /from: expected a time/],
    [{ kind: 'sometimes', cron: '0 22 * * *', duration: '6h', timeZone: 'UTC' }, /kind: /],
    [{ kind: 'allow' }, /expected cron and duration, or days/],
    ['every night', /expected cron and duration, or days/],
  ])('%j is refused', (value, message) => {
    expect(problemsOf(value).join('\n')).toMatch(message);
  });
});
