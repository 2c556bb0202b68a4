/**
 * Whether the time lets a campaign start anything.
 *
 * Invariants: pure; only starts are gated: what runs goes on, and orders are taken at any time. `startNow` lifts the gate
 * until the windows change next.
 */
import { openingAt } from '../../shared/windows/opening.js';
import type { Window } from '../../shared/windows/schema.js';

export interface TimeRules {
  windows: readonly Window[];
  /** Nothing starts so shortly before a window closes. */
  cutoffMs: number;
  notBeforeMs: number | null;
  /** `startNow` was ordered: until then the rules do not hold; null: they hold. */
  liftedUntilMs: number | null;
}

export interface TimeGate {
  /** Null: open. */
  reason: 'window' | 'not-before' | null;
  /** When it is to be asked again at the latest; null: never. */
  untilMs: number | null;
}

export function timeGateAt(
  { windows, cutoffMs, notBeforeMs, liftedUntilMs }: TimeRules,
  nowMs: number,
): TimeGate {
  if (liftedUntilMs !== null && nowMs < liftedUntilMs)
    return { reason: null, untilMs: finite(liftedUntilMs) };
  if (notBeforeMs !== null && nowMs < notBeforeMs) return { reason: 'not-before', untilMs: notBeforeMs };
  const { isOpen, untilMs } = openingAt(windows, nowMs);
  if (!isOpen) return { reason: 'window', untilMs };
  if (untilMs === null) return { reason: null, untilMs: null };
  const lastStartMs = closesMs(windows, untilMs) - cutoffMs;
  return nowMs < lastStartMs ? { reason: null, untilMs: lastStartMs } : { reason: 'window', untilMs };
}

/** What looks like a close may be the end of the look ahead. */
function closesMs(windows: readonly Window[], untilMs: number): number {
  return openingAt(windows, untilMs).isOpen ? Number.POSITIVE_INFINITY : untilMs;
}

/** Until when `startNow` lifts the rules: the next change of the windows; Infinity: there is none. */
export function liftedUntil(
  { windows, notBeforeMs }: Pick<TimeRules, 'windows' | 'notBeforeMs'>,
  nowMs: number,
): number {
  const { isOpen, untilMs } = openingAt(windows, nowMs);
  const changeMs = untilMs ?? Number.POSITIVE_INFINITY;
  // A window that opens before the time of notBefore changes nothing.
  return isOpen || notBeforeMs === null ? changeMs : Math.max(changeMs, notBeforeMs);
}

function finite(ms: number): number | null {
  return Number.isFinite(ms) ? ms : null;
}

/** The duration that 95 of 100 do not exceed, of durations in ascending order; null of fewer than five. */
export function p95Ms(ascendingMs: readonly number[]): number | null {
  if (ascendingMs.length < 5) return null;
  return ascendingMs[Math.ceil(0.95 * ascendingMs.length) - 1] ?? null;
}
