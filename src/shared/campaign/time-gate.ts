/**
 * Whether the time lets a campaign start anything.
 *
 * Invariants: pure; only starts are gated: what runs goes on, and orders are taken at any time. `startNow` lifts the gate
 * until the windows change next.
 */
import { openingAt, type Opening } from '../windows/opening.js';
import type { Window } from '../windows/schema.js';

export interface TimeRules {
  /** Of the windows, at a time. */
  opening: (atMs: number) => Opening;
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

export const OPEN_GATE: Readonly<TimeGate> = { reason: null, untilMs: null };

export function timeGateAt(
  { opening, cutoffMs, notBeforeMs, liftedUntilMs }: TimeRules,
  nowMs: number,
): TimeGate {
  if (liftedUntilMs !== null && nowMs < liftedUntilMs)
    return { reason: null, untilMs: finite(liftedUntilMs) };
  if (notBeforeMs !== null && nowMs < notBeforeMs) return { reason: 'not-before', untilMs: notBeforeMs };
  const { isOpen, untilMs } = opening(nowMs);
  if (!isOpen) return { reason: 'window', untilMs };
  if (untilMs === null) return OPEN_GATE;
  // What looks like a close may be the end of the look ahead.
  const closesMs = opening(untilMs).isOpen ? Number.POSITIVE_INFINITY : untilMs;
  const lastStartMs = closesMs - cutoffMs;
  if (nowMs < lastStartMs) return { reason: null, untilMs: Math.min(lastStartMs, untilMs) };
  return { reason: 'window', untilMs };
}

/** Until when `startNow` lifts the rules: the next change of the windows; Infinity: there is none. */
export function liftedUntil(
  { opening, notBeforeMs }: Pick<TimeRules, 'opening' | 'notBeforeMs'>,
  nowMs: number,
): number {
  const { isOpen, untilMs } = opening(nowMs);
  const changeMs = untilMs ?? Number.POSITIVE_INFINITY;
  // A window that opens before the time of notBefore changes nothing.
  return isOpen || notBeforeMs === null ? changeMs : Math.max(changeMs, notBeforeMs);
}

/** Steps that a search looks ahead: of one window a night, more than a year. */
const MOST_STEPS = 800;

/** When something may start next, `nowMs` or later; null: not in the time that is looked ahead. */
export function nextStartMs(rules: TimeRules, nowMs: number): number | null {
  let atMs = nowMs;
  for (let step = 0; step < MOST_STEPS; step += 1) {
    const { reason, untilMs } = timeGateAt(rules, atMs);
    if (reason === null) return atMs;
    if (untilMs === null) return null;
    atMs = untilMs;
  }
  return null;
}

/** When work that takes `workMs` of the time in which things may start is over; null: that time does not suffice. */
export function endOfWorkMs(
  rules: TimeRules,
  { fromMs, workMs }: { fromMs: number; workMs: number },
): number | null {
  let [atMs, leftMs] = [fromMs, workMs];
  for (let step = 0; step < MOST_STEPS; step += 1) {
    const { reason, untilMs } = timeGateAt(rules, atMs);
    if (reason === null) {
      if (untilMs === null || atMs + leftMs <= untilMs) return atMs + leftMs;
      leftMs -= untilMs - atMs;
    }
    if (untilMs === null) return null;
    atMs = untilMs;
  }
  return null;
}

/** `openingAt` that remembers its last answers: the rules are asked at every step of a campaign. */
export function rememberedOpening(windows: readonly Window[]): (atMs: number) => Opening {
  const known: { fromMs: number; opening: Opening }[] = [];
  return (atMs) => {
    const hit = known.find(
      ({ fromMs, opening }) => fromMs <= atMs && atMs < (opening.untilMs ?? Number.POSITIVE_INFINITY),
    );
    if (hit !== undefined) return hit.opening;
    const opening = openingAt(windows, atMs);
    known.unshift({ fromMs: atMs, opening });
    known.length = Math.min(known.length, 2);
    return opening;
  };
}

function finite(ms: number): number | null {
  return Number.isFinite(ms) ? ms : null;
}
