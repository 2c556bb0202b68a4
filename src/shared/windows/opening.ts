/**
 * Whether anything may start at a time, and when that changes.
 *
 * Invariants:
 * W1 Pure: the same windows and time give the same answer, whatever the machine's own zone.
 * W2 Deny beats allow. Without a window of kind `allow` all time is allowed that no `deny` covers.
 * W3 A window holds its start, not its end. Windows that touch or overlap are one.
 * W4 `untilMs` is never too late: the answer holds until then. It may be asked again at that time, and be the same.
 */
import { cronInstants, millisOf } from './calendar.js';
import type { Weekday, Window } from './schema.js';

export interface Opening {
  isOpen: boolean;
  /** Until then nothing changes; null: it never does. */
  untilMs: number | null;
}

interface Interval {
  fromMs: number;
  untilMs: number;
}

/** Boundaries that are looked at for one answer. */
const MOST_BOUNDARIES = 2_000;

export function openingAt(windows: readonly Window[], atMs: number): Opening {
  const tracks = windows.map((window) => new Track(window, atMs));
  const isOpen = isOpenAt(tracks, atMs);
  let boundaryMs = atMs;
  for (let looked = 0; looked < MOST_BOUNDARIES; looked += 1) {
    const next = Math.min(...tracks.map((track) => track.changeAfter(boundaryMs)));
    if (!Number.isFinite(next)) return { isOpen, untilMs: null };
    boundaryMs = next;
    if (isOpenAt(tracks, boundaryMs) !== isOpen) break;
  }
  return { isOpen, untilMs: boundaryMs };
}

function isOpenAt(tracks: readonly Track[], atMs: number): boolean {
  const covers = (kind: Window['kind']): boolean =>
    tracks.some((track) => track.kind === kind && track.covers(atMs));
  const hasAllow = tracks.some(({ kind }) => kind === 'allow');
  return !covers('deny') && (!hasAllow || covers('allow'));
}

/** The intervals of one window, from a time on, read as far as they are asked for. Times must not go back. */
class Track {
  readonly kind: Window['kind'];
  private readonly rest: Iterator<Interval, void>;
  private current: Interval | null;

  constructor(window: Window, fromMs: number) {
    this.kind = window.kind;
    this.rest = intervalsOf(window, fromMs);
    this.current = this.read();
  }

  covers(atMs: number): boolean {
    this.advanceTo(atMs);
    return this.current !== null && this.current.fromMs <= atMs && atMs < this.current.untilMs;
  }

  /** The next start or end; Infinity: there is none. */
  changeAfter(atMs: number): number {
    this.advanceTo(atMs);
    if (this.current === null) return Number.POSITIVE_INFINITY;
    return this.current.fromMs > atMs ? this.current.fromMs : this.current.untilMs;
  }

  private advanceTo(atMs: number): void {
    while (this.current !== null && this.current.untilMs <= atMs) {
      this.current = this.read();
    }
  }

  private read(): Interval | null {
    const { value } = this.rest.next();
    return value ?? null;
  }
}

/** Those that may end after `fromMs`. Starts and ends both ascend, because all have one duration. */
function* intervalsOf(window: Window, fromMs: number): Generator<Interval, void> {
  if ('from' in window) {
    const { from, until, timeZone } = window;
    yield { fromMs: millisOf(from, timeZone), untilMs: millisOf(until, timeZone) };
    return;
  }
  const { duration, timeZone } = window;
  const cron = 'cron' in window ? window.cron : weeklyCron(window);
  for (const startMs of cronInstants(cron, { timeZone, fromMs: fromMs - duration })) {
    yield { fromMs: startMs, untilMs: startMs + duration };
  }
}

function weeklyCron({ days, start }: { days: readonly Weekday[]; start: string }): string {
  const [hour = '0', minute = '0'] = start.split(':');
  return `${String(Number(minute))} ${String(Number(hour))} * * ${days.join(',')}`;
}
