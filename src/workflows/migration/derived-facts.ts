/**
 * What follows from the facts of the ledger: which request runs, which failure stands, what the last probe says.
 *
 * Invariant: pure, and no decisions; those are in next-step.ts.
 */
import { REMOVAL_FAILED_ERROR } from '../../shared/mano/rejection.js';
import {
  hasLeft,
  lastLook,
  waitsForMano,
  type Attempt,
  type FinalError,
  type Ledger,
  type Look,
  type Moment,
  type Probe,
  type Rejection,
} from './attempt-ledger.js';
import { isAfter, latest } from './moments.js';
import { isBelieved } from './ready-reply.js';
import { findingOf } from './repository-findings.js';

/**
 * How long after a lost connection an unconfirmed request may still surface at the MANO: three heartbeats of
 * ours, after which the broker has given the old connection up.
 */
export const UNCONFIRMED_SETTLE_MS = 30_000;

export function hasAnswer({ ack, finalError, rejection }: Attempt): boolean {
  return ack !== null || finalError !== null || rejection !== null;
}

// --- requests that run, or may have left something behind --------------------------------------------------

/** The sign that the MANO took the request: its ack, or, where no reply came at all, a probe's "busy". */
export function takenAt(ledger: Ledger, attempt: Attempt): Moment | null {
  const { ack, superseded } = attempt;
  if (hasAnswer(attempt) || superseded !== null) return ack;
  const { seq } = attempt.started;
  const busy = ledger.probes.find(({ started, answer }) => started.seq > seq && answer?.says === 'busy');
  return busy?.answer ?? null;
}

/** Taken after it was judged to be over, or never judged so; and without a final ERROR. */
function runningSince(ledger: Ledger, attempt: Attempt): Moment | null {
  if (attempt.finalError !== null) return null;
  const sign = takenAt(ledger, attempt);
  return sign !== null && isAfter(sign, attempt.superseded) ? sign : null;
}

/** Of the requests that run, the one with the latest sign of it. */
export function lastRunning(ledger: Ledger): { attempt: Attempt; since: Moment } | null {
  const running = ledger.attempts.flatMap((attempt) => {
    const since = runningSince(ledger, attempt);
    return since === null ? [] : [{ attempt, since }];
  });
  return latest(running, ({ since }) => since);
}

/** The latest final ERROR after which nothing was sent. */
export function standingFailure(ledger: Ledger): FinalError | null {
  const errors = ledger.attempts.flatMap(({ finalError, superseded }) =>
    finalError !== null && isAfter(finalError, superseded) ? [finalError] : [],
  );
  return latest(errors, (error) => error);
}

/** The new VNF already runs on the target. */
export function removalFailed(ledger: Ledger): boolean {
  return ledger.attempts.some(({ finalError }) => finalError?.error === REMOVAL_FAILED_ERROR);
}

/** What the MANO said to a request that it refused and never took. */
export function refusalOf(attempt: Attempt | undefined): Rejection | null {
  return attempt?.ack === null && attempt.finalError === null ? attempt.rejection : null;
}

/**
 * A request of ours was taken, and the records are neither as they were before it nor moved: it may be at work still,
 * whatever was reported of it. Whoever knows its correlation id can report its end.
 */
export function hasLeftTraces(ledger: Ledger): boolean {
  const look = ledger.looks.findLast(({ seen }) => seen.kind !== 'unreadable');
  const isTaken = ledger.attempts.some(({ ack, ready, finalError }) => (ack ?? ready ?? finalError) !== null);
  return isTaken && look !== undefined && findingOf(ledger, look)?.kind === 'unclear';
}

/** Whether it is unknown what became of something that was sent. */
export function isInDoubt(ledger: Ledger): boolean {
  if (standingFailure(ledger) !== null || lastRunning(ledger) !== null) return true;
  if (hasLeftTraces(ledger)) return true;
  const reasons = ledger.attempts.map(({ reason }) => reason);
  const resentInDoubt = reasons.lastIndexOf('policy-says-retry');
  if (resentInDoubt > reasons.lastIndexOf('repository-says-untouched')) return true;
  const last = ledger.attempts.at(-1);
  return last !== undefined && hasLeft(last) && refusalOf(last) === null && !isBelieved(ledger, last);
}

/** Whether a request of ours may be at work in the MANO, or may have left something behind. */
export function mayBeRunning(ledger: Ledger): boolean {
  return isInDoubt(ledger) && !isProvenUntouched(ledger);
}

/** Nothing of ours is at work, and after the last sign of it the records are as they were. */
function isProvenUntouched(ledger: Ledger): boolean {
  const look = freshLook(ledger);
  if (look === null || removalFailed(ledger)) return false;
  const last = ledger.attempts.at(-1);
  const isOver = (last === undefined || !hasLeft(last) || hasAnswer(last)) && lastRunning(ledger) === null;
  const isIdle = (isOver && standingFailure(ledger) !== null) || freeAnswer(ledger) !== null;
  return isIdle && findingOf(ledger, look)?.kind === 'untouched';
}

// --- probes ------------------------------------------------------------------------------------------------

/** "Free" as the latest answer, from a probe that covers every request of ours; null otherwise. */
export function freeAnswer(ledger: Ledger): Moment | null {
  const askedAfter = Math.max(...ledger.attempts.map(({ started, ack }) => (ack ?? started).seq));
  const settledMs = settledMsOf(ledger);
  const told = ledger.probes.findLast(
    ({ answer, started }) =>
      started.seq > askedAfter && started.atMs >= settledMs && answer !== null && isRecognised(answer),
  );
  return told?.answer?.says === 'free' ? told.answer : null;
}

/** From when on a probe speaks for all requests: one that no broker has confirmed to us may surface for a while. */
export function settledMsOf(ledger: Ledger): number {
  const isOnBus = ledger.request.policy.transport === 'bus';
  const settled = ledger.attempts.map((attempt) => {
    const endedMs = (attempt.published ?? attempt.started).atMs;
    const isSettled = (isOnBus && attempt.sent === 'confirmed') || hasAnswer(attempt);
    return isSettled ? endedMs : endedMs + UNCONFIRMED_SETTLE_MS;
  });
  return Math.max(...settled);
}

/** How many probes at the end of a row had no usable answer. */
export function trailingUnanswered(row: readonly Probe[]): number {
  const lastAnswered = row.findLastIndex(({ answer }) => answer !== null && isRecognised(answer));
  return row.length - 1 - lastAnswered;
}

function isRecognised({ says }: { says: string }): boolean {
  return says !== 'unrecognised';
}

// --- refusals ----------------------------------------------------------------------------------------------

/** The refusals for a while at the end of the ledger, oldest first. */
export function refusalsInARow(ledger: Ledger): Rejection[] {
  const start = ledger.attempts.findLastIndex((attempt) => !waitsForMano(attempt)) + 1;
  return ledger.attempts.slice(start).flatMap(({ rejection }) => (rejection === null ? [] : [rejection]));
}

// --- repository reads -------------------------------------------------------------------------------------------------

/** The latest message sent or received that may concern the VNF; the start, if there was none. */
export function lastSign(ledger: Ledger): Moment {
  const signs = [
    { seq: 0, atMs: ledger.startedAtMs },
    ...ledger.attempts.flatMap(({ started, ack, ready, finalError, rejection }) =>
      [started, ack, ready, finalError, rejection].filter((sign) => sign !== null),
    ),
    ...ledger.probes.flatMap(({ answer }) => (answer !== null && isRecognised(answer) ? [answer] : [])),
    ...ledger.strays,
  ];
  return signs.reduce((left, right) => (isAfter(right, left) ? right : left));
}

/** The last repository read, if nothing was received since. */
export function freshLook(ledger: Ledger): Look | null {
  const look = lastLook(ledger);
  return look !== undefined && isAfter(look, lastSign(ledger)) ? look : null;
}
