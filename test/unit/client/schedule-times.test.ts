/** When a campaign can be scheduled, and what is wrong with other times. */
import { expect, it } from 'vitest';
import { timesProblems } from '../../../src/client/campaign-schedules.js';

const ATHENS = 'Europe/Athens';

it.each(['0 22 * * 1-5', '*/15 0-5 * * *', '30 4 1 * *', '0 3 * JAN,JUN SUN', '0 3 */2 * 1'])(
  '%s',
  (cron) => {
    expect(timesProblems({ cron, timeZone: ATHENS })).toEqual([]);
  },
);

it.each([
  '',
  '0 22 * *',
  '0 0 22 * * 1',
  '@daily',
  '0 25 * * *',
  '0 3 L * *',
  '0 0 30 2 *',
  'CRON_TZ=UTC 0 3 * * *',
])('not %j', (cron) => {
  expect(timesProblems({ cron, timeZone: ATHENS })).toMatchObject([{ field: 'cron' }]);
});

it('not a day of the month with a day of the week, which Temporal takes for both and cron for either', () => {
  expect(timesProblems({ cron: '0 3 1 * 1', timeZone: ATHENS })).toMatchObject([
    { field: 'cron', message: expect.stringContaining('expected *') as string },
  ]);
});

it('names a wrong zone beside a wrong expression', () => {
  expect(timesProblems({ cron: 'x', timeZone: 'Europe/Athen' })).toEqual([
    { field: 'cron', message: expect.stringContaining('five cron fields') as string },
    { field: 'timeZone', message: 'unknown time zone "Europe/Athen"' },
  ]);
});
