/**
 * What the ledger's facts amount to: what runs, what is over, what the latest word is. Pure readings, no
 * decisions.
 */
import { reconcile, type Finding } from '../../shared/migration/reconciliation.js';
import { REMOVAL_FAILED_ERROR } from '../../shared/mano/rejection.js';
import {
  hasLeft,
  lastLook,
  snapshotBefore,
  waitsForMano,
  type Attempt,
  type FinalError,
  type Ledger,
  type Look,
  type LookResult,
  type Moment,
  type Probe,
  type Rejection,
} from './attempt-ledger.js';

/**
 * How long after a lost connection an unconfirmed request may still surface at the MANO: three heartbeats of
 * ours, after which the broker has given the old connection up.
 */
export const UNCONFIRMED_SETTLE_MS = 30_000;

export function deadlineMsOf(ledger: Ledger): number {
  return ledger.startedAtMs + ledger.request.policy.deadline;
}

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

/** Whether it is unknown, as far as replies go, what became of something that was sent. */
export function isInDoubt(ledger: Ledger): boolean {
  if (standingFailure(ledger) !== null || lastRunning(ledger) !== null) return true;
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

// --- READY -------------------------------------------------------------------------------------------------

export type ReadyStanding = 'to-be-verified' | 'believed' | 'contradicted';

/** A repository that cannot be read contradicts nothing, and takes back no contradiction. */
export function standingOfReady(ledger: Ledger, ready: Moment): ReadyStanding {
  if (!ledger.hasRepository) return 'believed';
  const looks = ledger.looks.filter((look) => isAfter(look, ready));
  if (looks.length === 0) return 'to-be-verified';
  const readable = looks.findLast(({ seen }) => seen.kind !== 'unreadable');
  return listsVnf(ledger, readable?.seen) ? 'contradicted' : 'believed';
}

function isBelieved(ledger: Ledger, { ready }: Attempt): boolean {
  return ready !== null && standingOfReady(ledger, ready) !== 'contradicted';
}

export function awaitsVerification(ledger: Ledger): boolean {
  return ledger.attempts.some(
    ({ ready }) => ready !== null && standingOfReady(ledger, ready) === 'to-be-verified',
  );
}

function listsVnf(ledger: Ledger, seen: LookResult | undefined): boolean {
  return seen?.kind === 'service' && seen.snapshot.listedVnfUuids.includes(ledger.request.vnfUuid);
}

// --- probes ------------------------------------------------------------------------------------------------

/** "Free" as the latest word, from a probe that can tell of every request of ours; null otherwise. */
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

/** How many at the end of a row of probes told nothing. */
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

// --- looks -------------------------------------------------------------------------------------------------

/** The latest thing that was sent or heard and may have to do with the VNF; the start, if there was none. */
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

/** The last look, if nothing was heard since. */
export function freshLook(ledger: Ledger): Look | null {
  const look = lastLook(ledger);
  return look !== undefined && isAfter(look, lastSign(ledger)) ? look : null;
}

/** Null if the repository could not be read. */
export function findingOf(ledger: Ledger, { seen }: Look): Finding | null {
  switch (seen.kind) {
    case 'service':
      return reconcile({ ...questionOf(ledger, seen.snapshot), before: snapshotBefore(ledger) });
    case 'no-such-service':
      return { kind: 'unclear', reason: 'the repository knows no such service', copies: [] };
    case 'unreadable':
      return null;
  }
}

export function questionOf(ledger: Ledger, now: Extract<LookResult, { kind: 'service' }>['snapshot']) {
  const { vnfUuid, vimUuid } = ledger.request;
  return { vnfUuid, vimUuid, now };
}

export function describe(finding: Finding | null): string {
  switch (finding?.kind) {
    case undefined:
      return 'the repository cannot be read';
    case 'moved':
      return 'the repository shows the VNF moved';
    case 'untouched':
      return 'the repository shows the VNF untouched';
    case 'unclear': {
      const copies = finding.copies.length > 0 ? ` (on the target VIM: ${finding.copies.join(', ')})` : '';
      return `the repository is unclear: ${finding.reason}${copies}`;
    }
  }
}

// --- time --------------------------------------------------------------------------------------------------

/** The pause before the next question, growing with the exponent. */
export function backoffMs(ledger: Ledger, exponent: number): number {
  const { initialInterval, backoffCoefficient, maximumInterval } = ledger.request.policy;
  const backoff = initialInterval * backoffCoefficient ** Math.max(exponent, 0);
  return pauseMs(ledger, Math.min(backoff, maximumInterval));
}

/** The floor after many questions keeps one run's history far below Temporal's limit. */
export function pauseMs(ledger: Ledger, wantedMs: number): number {
  const questions = ledger.attempts.length + ledger.probes.length + ledger.looks.length;
  const floorMs = questions < 100 ? 1 : ledger.request.policy.deadline / 2_000;
  return Math.round(Math.max(wantedMs, floorMs));
}

export function isAfter(left: Moment, right: Moment | null): boolean {
  return right === null || left.seq > right.seq;
}

function latest<T>(items: readonly T[], momentOf: (item: T) => Moment): T | null {
  return items.reduce<T | null>(
    (best, item) => (best === null || isAfter(momentOf(item), momentOf(best)) ? item : best),
    null,
  );
}
