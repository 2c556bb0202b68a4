/** What is told of windows, soak and ramp-up. */
import { describe, expect, it } from 'vitest';
import { timingText } from '../../../../src/shared/campaign/timing-text.js';
import type { CampaignProgress } from '../../../../src/shared/campaign/views.js';

const NOW_MS = Date.parse('2026-11-28T17:00:00Z');
type Timing = NonNullable<CampaignProgress['timing']>;

const told = (more: Partial<Timing>): string => {
  const open = { reason: null, changesAt: null, timeZone: 'Europe/Athens', cutoffMs: null, isLifted: false };
  const timing = { ...open, soakUntil: null, rampLimit: null, ...more };
  return timingText({ state: 'RUNNING', timing }, NOW_MS);
};

describe('the time of a campaign', () => {
  it.each<[Partial<Timing>, string]>([
    [{ reason: 'window', changesAt: '2026-11-28T20:00:00Z' }, 'window opens 22:00 Europe/Athens, in 3h'],
    [
      { reason: 'window', changesAt: '2026-11-30T20:00:00Z' },
      'window opens 2026-11-30 22:00 Europe/Athens, in 2d 3h',
    ],
    [{ reason: 'window' }, 'no window opens any more'],
    [
      { reason: 'not-before', changesAt: '2026-11-28T17:30:00Z', timeZone: 'UTC' },
      'nothing starts before 17:30 UTC, in 30m',
    ],
    [{ changesAt: '2026-11-28T18:00:00Z' }, 'items start until 20:00 Europe/Athens, in 1h'],
    [
      { changesAt: '2026-11-28T18:00:00Z', isLifted: true },
      'started in spite of the windows; items start until 20:00 Europe/Athens, in 1h',
    ],
    [
      { soakUntil: '2026-11-28T17:10:00Z', rampLimit: 2 },
      'the next wave soaks until 19:10 Europe/Athens, in 10m; ramp-up: 2 at a time',
    ],
    [{}, ''],
  ])('%j', (timing, text) => {
    expect(told(timing)).toBe(text);
  });
});
