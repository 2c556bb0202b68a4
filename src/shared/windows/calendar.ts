/**
 * Local times, time zones and cron expressions.
 *
 * Invariants:
 * - Pure, and the same on every machine and at every replay: the zone data is that of `@js-joda/timezone`, whose version
 *   is pinned, and never that of the host. An update of it is a change of workflow code.
 * - A local time that does not exist (a clock goes forward) is read with the offset before the gap; one that comes twice
 *   (a clock goes back) is the first of the two: RFC 5545, 3.3.5.
 */
import {
  LocalDateTime,
  OffsetDateTime,
  ZonedDateTime,
  ZoneId,
  ZoneOffset,
  type Instant,
} from '@js-joda/core';
import '@js-joda/timezone';
import { Cron } from 'croner';

/** An IANA name. An offset such as `+02:00` is none: it knows no clock that changes. */
export function isTimeZone(name: string): boolean {
  if (name !== 'UTC' && !/^[A-Z][A-Za-z0-9_+-]*(\/[A-Za-z0-9_+-]+)+$/.test(name)) return false;
  try {
    return ZoneId.of(name).id() === name;
  } catch {
    return false;
  }
}

const OFFSET = /(?:Z|[+-]\d\d:\d\d)$/;

/** Whether a time has no offset, and so is one of each zone. */
export function isLocalTime(text: string): boolean {
  return !OFFSET.test(text);
}

/** Null: it is a time such as `2026-12-24T22:00`, with or without an offset. */
export function localTimeProblem(text: string): string | null {
  try {
    if (isLocalTime(text)) LocalDateTime.parse(text);
    else OffsetDateTime.parse(text);
    return null;
  } catch {
    return `expected a time such as "2026-12-24T22:00", or with an offset, not ${JSON.stringify(text)}`;
  }
}

/** Epoch milliseconds of a checked time; a local one is read in the zone. */
export function millisOf(text: string, timeZone = 'UTC'): number {
  if (!isLocalTime(text)) return epochMs(OffsetDateTime.parse(text).toInstant());
  return instantMs(LocalDateTime.parse(text), timeZone);
}

function instantMs(local: LocalDateTime, timeZone: string): number {
  return epochMs(ZonedDateTime.of(local, ZoneId.of(timeZone)).toInstant());
}

function epochMs(instant: Instant): number {
  return instant.toEpochMilli();
}

/** `2026-10-25T03:30` in the zone. */
export function localTimeOf(atMs: number, timeZone: string): string {
  return LocalDateTime.ofEpochSecond(Math.floor(atMs / 1_000), ZoneOffset.UTC)
    .atZone(ZoneOffset.UTC)
    .withZoneSameInstant(ZoneId.of(timeZone))
    .toLocalDateTime()
    .toString()
    .slice(0, 16);
}

const FIVE_FIELDS = /^\s*(?:\S+\s+){4}\S+\s*$/;

/** Null: it is a cron expression of five fields: minute, hour, day of the month, month, day of the week. */
export function cronProblem(text: string): string | null {
  // Fields beyond cron's own (H, L, #, seconds) mean different things in different programs.
  if (!FIVE_FIELDS.test(text) || /[HL#?@]/.test(text.replaceAll(/[A-Z]{3}/gi, ''))) {
    return `expected five cron fields such as "0 22 * * 1-5", not ${JSON.stringify(text)}`;
  }
  try {
    return wallClock(text).nextRun(new Date(0)) === null ? 'there is no such day' : null;
  } catch (error) {
    return error instanceof Error ? error.message.replace(/^CronPattern: /, '') : String(error);
  }
}

/** The walk of an expression on the wall clock, as if it were UTC. */
function wallClock(cron: string): Cron {
  return new Cron(cron, { utcOffset: 0, mode: '5-part' });
}

/**
 * The instants of a cron expression in a zone, from `fromMs` on, in order. The expression is walked through on the wall
 * clock, as if it were UTC, and each time is then read in the zone: what a clock skips or repeats is one instant.
 */
export function* cronInstants(
  cron: string,
  { timeZone, fromMs }: { timeZone: string; fromMs: number },
): Generator<number, void> {
  const dayBefore = ZonedDateTime.of(LocalDateTime.parse(localTimeOf(fromMs, timeZone)), ZoneOffset.UTC)
    .minusDays(1)
    .toInstant();
  const walk = wallClock(cron);
  let last = Number.NEGATIVE_INFINITY;
  for (let next = walk.nextRun(new Date(epochMs(dayBefore))); next !== null; next = walk.nextRun(next)) {
    const atMs = instantMs(LocalDateTime.parse(next.toISOString().slice(0, 16)), timeZone);
    if (atMs < fromMs || atMs <= last) continue;
    last = atMs;
    yield atMs;
  }
}
