/** What time does to the starts of a campaign, in words. Pure. */
import { shortDuration } from '../duration.js';
import { localTimeOf, millisOf } from '../windows/calendar.js';
import type { CampaignProgress } from './views.js';

/** Why time lets no item start, or how long it does; empty: time is of no matter. */
export function timingText(
  { timing, state }: Pick<CampaignProgress, 'timing' | 'state'>,
  nowMs: number,
): string {
  if (timing == null || state === 'PLANNED' || state === 'DRAINING') return '';
  const { reason, changesAt, timeZone, soakUntil, rampLimit, isLifted } = timing;
  const at = (iso: string): string => whenText(iso, { timeZone, nowMs });
  const parts = [
    reason === 'window'
      ? changesAt === null
        ? 'no window opens any more'
        : `window opens ${at(changesAt)}`
      : '',
    reason === 'not-before' && changesAt !== null ? `nothing starts before ${at(changesAt)}` : '',
    reason === null && changesAt !== null
      ? `${isLifted ? 'started in spite of the windows; ' : ''}items start until ${at(changesAt)}`
      : '',
    soakUntil === null ? '' : `the next wave soaks until ${at(soakUntil)}`,
    rampLimit === null ? '' : `ramp-up: ${rampLimit} at a time`,
  ];
  return parts.filter((part) => part !== '').join('; ');
}

const DAY_MS = 86_400_000;

/** `22:00 Europe/Athens, in 3h`; with its day, if that is not within a day. */
export function whenText(iso: string, { timeZone, nowMs }: { timeZone: string; nowMs: number }): string {
  const inMs = millisOf(iso) - nowMs;
  const local = localTimeOf(millisOf(iso), timeZone);
  const time = inMs < DAY_MS ? local.slice(11) : local.replace('T', ' ');
  return `${time} ${timeZone}, in ${shortDuration(Math.max(1_000, Math.round(inMs / 1_000) * 1_000))}`;
}
