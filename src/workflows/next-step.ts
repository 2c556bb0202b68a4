/**
 * What a migration does next: a pure function of the ledger and the time.
 *
 * Invariants (checked over all short sequences of facts, and random long ones):
 * N1 At most one request of ours is open: a new one follows only on evidence that the last one is over, and
 *    the attempt carries that evidence as its reason.
 * N2 READY for any request ends it, whatever else was said, unless the repository contradicts it.
 * N3 No answer is never "free", an unreadable repository is never "untouched".
 * N4 A failed removal is never retried: the new VNF already runs on the target.
 * N5 It always ends: whatever it waits for, `deadline` ends the wait.
 *
 * The rules are asked in order; the first that has something to say decides.
 */
import type { AttemptReason, Phase } from '../shared/migration.js';
import { preflight, reconcile, type Finding } from '../shared/reconciliation.js';
import { REMOVAL_FAILED_ERROR } from '../shared/rejection.js';
import {
  lastAttempt,
  lastLook,
  snapshotBefore,
  spentAttempts,
  waitsForMano,
  type Attempt,
  type FinalError,
  type Ledger,
  type Look,
  type Moment,
  type Probe,
} from './attempt-ledger.js';
import { conclusive, migratedByReply, retryable, type Failure, type Verdict } from './verdict.js';

export type Step =
  | { kind: 'look'; phase: Phase }
  | { kind: 'publish'; reason: AttemptReason; timeoutMs: number }
  | { kind: 'probe'; timeoutMs: number }
  | { kind: 'wait'; phase: Phase; untilMs: number }
  | { kind: 'close'; verdict: Verdict };

/**
 * How long after a lost connection an unconfirmed request may still surface at the MANO: three heartbeats of
 * ours, after which the broker has given the old connection up.
 */
export const UNCONFIRMED_SETTLE_MS = 30_000;

/** "Free" can overtake the final that was published before it: replies are handled concurrently. */
export const FREE_GRACE_MS = 3_000;

interface Situation {
  ledger: Ledger;
  nowMs: number;
}

/** Null: this rule has nothing to say. */
type Rule = (situation: Situation) => Step | null;

const RULES: readonly Rule[] = [
  whenResolved,
  whenReady,
  whenRecordsSayMoved,
  whenStrayReply,
  whenRunning,
  whenSilent,
  whenFailed,
  whenAlreadyThere,
  whenRejected,
  whenNotSent,
  whenNothingSent,
];

export function nextStep(ledger: Ledger, nowMs: number): Step {
  const step = firstOf({ ledger, nowMs });
  if (step.kind === 'close') return step;
  const deadlineMs = deadlineMsOf(ledger);
  if (nowMs >= deadlineMs) return close(afterDeadline(ledger));
  const leftMs = deadlineMs - nowMs;
  switch (step.kind) {
    case 'wait':
      return { ...step, untilMs: Math.min(step.untilMs, deadlineMs) };
    case 'publish':
    case 'probe':
      return { ...step, timeoutMs: Math.min(step.timeoutMs, leftMs) };
    case 'look':
      return step;
  }
}

export function deadlineMsOf(ledger: Ledger): number {
  return ledger.startedAtMs + ledger.request.policy.deadline;
}

/** Whether a request of ours may be at work in the MANO, or may have left something behind. */
export function mayBeRunning(ledger: Ledger): boolean {
  return ledger.attempts.some((attempt) => {
    if (attempt.sent === 'not-sent' || attempt.ready !== null) return false;
    if (isRunning(ledger, attempt)) return true;
    if (attempt.superseded !== null) return false;
    return attempt.finalError !== null || attempt.rejection === null;
  });
}

function firstOf(situation: Situation): Step {
  for (const rule of RULES) {
    const step = rule(situation);
    if (step !== null) return step;
  }
  throw new Error('no rule applies');
}

function close(verdict: Verdict): Step {
  return { kind: 'close', verdict };
}

function wait(phase: Phase, untilMs: number): Step {
  return { kind: 'wait', phase, untilMs };
}

function whenResolved({ ledger }: Situation): Step | null {
  const { resolution } = ledger;
  if (resolution === null) return null;
  const message = `${resolution.actor} resolved it as ${resolution.outcome}: ${resolution.reason}`;
  if (resolution.outcome === 'not-migrated') return close(conclusive('MigrationFailed', message));
  const { newVnfUuid } = resolution;
  return close({ kind: 'migrated', evidence: 'operator', newVnfUuid, ready: null, message });
}

function whenReady({ ledger }: Situation): Step | null {
  for (const attempt of ledger.attempts) {
    const { ready } = attempt;
    if (ready === null) continue;
    if (!ledger.hasRepository) {
      return close(migratedByReply(ledger, { attempt, ready: ready.reply, foundVnfUuid: null }));
    }
    const look = lookAfter(ledger, ready);
    if (look === null) return { kind: 'look', phase: 'reconciling' };
    // Set aside: forged, or of another MANO. Time limits and the records decide.
    if (stillListed(ledger, look)) continue;
    const finding = findingOf(ledger, look);
    const foundVnfUuid = finding?.kind === 'moved' ? finding.newVnfUuid : null;
    return close(migratedByReply(ledger, { attempt, ready: ready.reply, foundVnfUuid }));
  }
  return null;
}

/** Whoever moved it, and whatever was looked for: it is where it should be. */
function whenRecordsSayMoved({ ledger }: Situation): Step | null {
  const look = lastLook(ledger);
  if (look === undefined || ledger.looks.length < 2) return null;
  const finding = findingOf(ledger, look);
  if (finding?.kind !== 'moved') return null;
  return close({
    kind: 'migrated',
    evidence: 'repository',
    newVnfUuid: finding.newVnfUuid,
    ready: null,
    message: 'the repository shows the VNF on the target VIM under its new id',
  });
}

/** A final for a request of an earlier run of this migration: reason to look, no verdict by itself. */
function whenStrayReply({ ledger }: Situation): Step | null {
  if (!ledger.hasRepository) return null;
  const stray = ledger.strays.findLast(({ reply }) => reply.isFinal);
  if (stray === undefined || lookAfter(ledger, stray) !== null) return null;
  return { kind: 'look', phase: 'reconciling' };
}

/** Acked, or seen busy by a probe, and no final yet. */
function whenRunning(situation: Situation): Step | null {
  const { ledger, nowMs } = situation;
  const attempt = ledger.attempts.findLast((candidate) => isRunning(ledger, candidate));
  if (attempt === undefined) return null;
  const taken = attempt.ack ?? firstBusyAnswer(ledger, attempt);
  const dueMs = (taken?.atMs ?? attempt.started.atMs) + ledger.request.policy.finalTimeout;
  const free = freeAnswer(ledger, attempt);
  if (free !== null) return afterFree(situation, { attempt, free });
  if (nowMs < dueMs) return wait('awaiting-final', dueMs);
  return probeUntilAnswered(situation, { attempt, dueMs, awaiting: 'final' });
}

/** Sent, or perhaps sent, and no reply at all. */
function whenSilent(situation: Situation): Step | null {
  const { ledger, nowMs } = situation;
  const attempt = lastAttempt(ledger);
  if (attempt === undefined || attempt.sent === 'not-sent' || hasAnswer(attempt)) return null;
  if (attempt.published === null) return wait('publishing', deadlineMsOf(ledger));
  const dueMs = attempt.published.atMs + ledger.request.policy.ackTimeout;
  const free = freeAnswer(ledger, attempt);
  if (free !== null) return afterFree(situation, { attempt, free });
  if (nowMs < dueMs) return wait('awaiting-ack', dueMs);
  return probeUntilAnswered(situation, { attempt, dueMs, awaiting: 'ack' });
}

function whenFailed(situation: Situation): Step | null {
  const { ledger } = situation;
  const attempt = ledger.attempts.findLast(
    ({ finalError, superseded }) =>
      finalError !== null && (superseded === null || finalError.seq > superseded.seq),
  );
  const finalError = attempt?.finalError;
  if (attempt === undefined || finalError === null || finalError === undefined) return null;
  const removalFailed = finalError.error === REMOVAL_FAILED_ERROR;
  const told = toldOfFailure(finalError);
  if (!ledger.hasRepository) {
    return onUnknownOutcome(situation, { type: 'MigrationFailed', told, since: finalError, removalFailed });
  }
  const look = lookAfter(ledger, finalError);
  if (look === null) return { kind: 'look', phase: 'reconciling' };
  const finding = findingOf(ledger, look);
  if (finding === null) return lookAgain(situation, finalError);
  if (finding.kind === 'untouched' && !removalFailed) {
    const exhausted = retryable('MigrationFailed', `${told}; the repository shows the VNF untouched`);
    return retry(situation, { reason: 'repository-says-untouched', since: finalError, exhausted });
  }
  const message = `${told}; ${describe(finding)}`;
  return onUnknownOutcome(situation, {
    type: 'MigrationFailed',
    told: message,
    since: finalError,
    removalFailed,
  });
}

function toldOfFailure({ error }: FinalError): string {
  return error === REMOVAL_FAILED_ERROR
    ? `the MANO could not remove the old VNF (${error}): a copy of it runs on the target VIM`
    : `the MANO reported: ${error}`;
}

function whenAlreadyThere(situation: Situation): Step | null {
  const { ledger } = situation;
  const rejection = lastAttempt(ledger)?.rejection;
  if (rejection?.class !== 'already-there') return null;
  if (!ledger.hasRepository) {
    const message = 'the MANO says that the VNF is on this VIM already';
    return close({ kind: 'already-there', evidence: 'reply', message });
  }
  const look = lookAfter(ledger, rejection);
  if (look === null) return { kind: 'look', phase: 'reconciling' };
  if (look.seen.kind === 'unreadable') return lookAgain(situation, rejection);
  const check = look.seen.kind === 'service' ? preflight(questionOf(ledger, look.seen.snapshot)) : null;
  if (check?.kind === 'already-there') {
    const message = 'the repository shows the VNF on this VIM already';
    return close({ kind: 'already-there', evidence: 'repository', message });
  }
  const why = check?.kind === 'refuse' ? check.reason : 'the repository does not show it there';
  return close(conclusive('MigrationRejected', `the MANO says "${rejection.error}", but ${why}`));
}

function whenRejected(situation: Situation): Step | null {
  const { ledger, nowMs } = situation;
  const { policy } = ledger.request;
  const rejection = lastAttempt(ledger)?.rejection;
  if (rejection === null || rejection === undefined) return null;
  if (rejection.class !== 'busy' && rejection.class !== 'transient') {
    return close(conclusive('MigrationRejected', `the MANO rejected the request: ${rejection.error}`));
  }
  const row = rejectionsInARow(ledger);
  const overMs = (row[0] ?? rejection).atMs + policy.busyTimeout;
  if (nowMs >= overMs) return close(afterBusyTimeout(rejection));
  const againMs = rejection.atMs + intervalMs(ledger, row.length - 1);
  if (nowMs < againMs) return wait('busy', Math.min(againMs, overMs));
  const reason = rejection.class === 'busy' ? 'service-was-busy' : 'mano-failed-to-read-its-repository';
  return beforePublish(situation, { reason, readyMs: againMs });
}

function whenNotSent({ ledger }: Situation): Step | null {
  if (lastAttempt(ledger)?.sent !== 'not-sent') return null;
  const message = 'no broker took the request within publishTimeout; it was not sent';
  return close(retryable('BrokerUnavailable', message));
}

function whenNothingSent(situation: Situation): Step {
  return beforePublish(situation, { reason: 'first', readyMs: situation.ledger.startedAtMs });
}

// --- silence ---------------------------------------------------------------------------------------------

interface Silence {
  attempt: Attempt;
  /** Since when a reply is overdue. */
  dueMs: number;
  awaiting: 'ack' | 'final';
}

/** One probe at a time, with backoff while nobody answers, now and then while the service is busy. */
function probeUntilAnswered(situation: Situation, silence: Silence): Step {
  const { ledger, nowMs } = situation;
  const { policy } = ledger.request;
  const probe: Step = { kind: 'probe', timeoutMs: policy.probeTimeout };
  if (policy.probe === 'off') return giveUp(situation, silence);
  const settledMs = settledMsOf(silence.attempt);
  if (nowMs < settledMs) return wait('probing', settledMs);
  const round = ledger.probes.filter(({ started }) => started.atMs >= Math.max(silence.dueMs, settledMs));
  const last = round.at(-1);
  if (last === undefined) return probe;
  if (last.answer?.says === 'busy') {
    const againMs = last.answer.atMs + policy.maximumInterval;
    return nowMs < againMs ? wait('awaiting-final', againMs) : probe;
  }
  const unanswered = trailingUnanswered(round);
  const overMs =
    last.sent === 'not-sent'
      ? last.started.atMs
      : (last.published ?? last.started).atMs + policy.probeTimeout;
  if (nowMs < overMs) return wait('probing', overMs);
  if (silence.awaiting === 'ack' && unanswered >= policy.maxProbes) return giveUp(situation, silence);
  const againMs = overMs + intervalMs(ledger, unanswered - 1);
  return nowMs < againMs ? wait('probing', againMs) : probe;
}

/** The MANO says that nothing runs for the service; what was confirmed before the probe is over. */
function afterFree(situation: Situation, { attempt, free }: { attempt: Attempt; free: Moment }): Step {
  const { ledger, nowMs } = situation;
  const graceMs = free.atMs + FREE_GRACE_MS;
  if (nowMs < graceMs) return wait('probing', graceMs);
  const taken = attempt.ack !== null || firstBusyAnswer(ledger, attempt) !== null;
  if (!ledger.hasRepository) {
    if (!taken) {
      const exhausted = conclusive('MigrationNotAcknowledged', 'the MANO took none of the requests');
      return retry(situation, { reason: 'probe-says-not-taken', since: free, exhausted });
    }
    const told = 'the MANO took the request and is done with it, but its final reply never came';
    return onUnknownOutcome(situation, { type: 'MigrationOutcomeUnknown', told, since: free });
  }
  const look = lookAfter(ledger, free);
  if (look === null) return { kind: 'look', phase: 'reconciling' };
  const finding = findingOf(ledger, look);
  if (finding === null) return lookAgain(situation, free);
  if (finding.kind === 'untouched') {
    const exhausted = retryable(
      taken ? 'MigrationFailed' : 'MigrationNotAcknowledged',
      'the MANO is idle and the repository shows the VNF untouched',
    );
    return retry(situation, { reason: 'repository-says-untouched', since: free, exhausted });
  }
  const told = `the MANO is idle, its reply never came, and ${describe(finding)}`;
  return onUnknownOutcome(situation, { type: 'MigrationOutcomeUnknown', told, since: free });
}

/** Nobody answers, and nobody may be asked: what the records say is the last word. */
function giveUp(situation: Situation, { attempt, dueMs, awaiting }: Silence): Step {
  const { ledger } = situation;
  if (ledger.hasRepository) {
    const lastQuestion = ledger.probes.at(-1)?.started ?? attempt.started;
    const look = lookAfter(ledger, lastQuestion);
    if (look === null || look.atMs < dueMs) return { kind: 'look', phase: 'reconciling' };
  }
  switch (awaiting) {
    case 'ack':
      return close(conclusive('MigrationNotAcknowledged', 'neither the request nor any probe was answered'));
    case 'final': {
      const told = 'the MANO took the request, but its final reply did not come within finalTimeout';
      return onUnknownOutcome(situation, {
        type: 'MigrationOutcomeUnknown',
        told,
        since: { seq: attempt.started.seq, atMs: dueMs },
      });
    }
  }
}

// --- sending again ---------------------------------------------------------------------------------------

interface Doubt {
  type: 'MigrationFailed' | 'MigrationOutcomeUnknown';
  told: string;
  /** The fact that left the doubt. */
  since: Moment;
  removalFailed?: boolean;
}

function onUnknownOutcome(situation: Situation, { type, told, since, removalFailed }: Doubt): Step {
  const { ledger } = situation;
  const failure = conclusive(type, told);
  switch (ledger.request.policy.onUnknownOutcome) {
    case 'fail':
      return close(failure);
    case 'wait':
      return wait('awaiting-operator', deadlineMsOf(ledger));
    case 'retry':
      return removalFailed === true
        ? close(failure)
        : retry(situation, { reason: 'policy-says-retry', since, exhausted: failure });
  }
}

/** One more attempt after a pause, or `exhausted` where none is left. */
function retry(
  situation: Situation,
  { reason, since, exhausted }: { reason: AttemptReason; since: Moment; exhausted: Failure },
): Step {
  const { ledger, nowMs } = situation;
  const spent = spentAttempts(ledger);
  if (spent >= ledger.request.policy.maxAttempts) {
    const message = `${exhausted.message} (${String(spent)} of ${String(spent)} attempts)`;
    return close({ ...exhausted, message });
  }
  const readyMs = since.atMs + intervalMs(ledger, spent - 1);
  if (nowMs < readyMs) return wait('publishing', readyMs);
  return beforePublish(situation, { reason, readyMs });
}

/** With a repository every request, the first included, follows a look that says it can do no harm. */
function beforePublish(
  situation: Situation,
  { reason, readyMs }: { reason: AttemptReason; readyMs: number },
): Step {
  const { ledger } = situation;
  const publish: Step = { kind: 'publish', reason, timeoutMs: ledger.request.policy.publishTimeout };
  if (!ledger.hasRepository) return publish;
  const look = lookAfter(ledger, lastAttempt(ledger)?.started ?? { seq: 0, atMs: readyMs });
  if (look === null || look.atMs < readyMs) return { kind: 'look', phase: 'pre-flight' };
  switch (look.seen.kind) {
    case 'unreadable':
      return waitForRepository(situation, { readyMs, reason: look.seen.reason });
    case 'no-such-service':
      return close(conclusive('MigrationRejected', 'the repository knows no such service; nothing was sent'));
    case 'service': {
      const check = preflight(questionOf(ledger, look.seen.snapshot));
      if (check.kind !== 'go') return close(refusedBeforePublish(check, reason));
      const finding = findingOf(ledger, look);
      const harmless = finding?.kind === 'untouched' || reason === 'first' || reason === 'policy-says-retry';
      return harmless ? publish : close(leftover(finding));
    }
  }
}

function refusedBeforePublish(
  check: { kind: 'already-there' } | { kind: 'refuse'; reason: string },
  reason: AttemptReason,
): Verdict {
  if (check.kind === 'already-there') {
    const message = 'the repository shows the VNF on this VIM already; nothing was sent';
    return { kind: 'already-there', evidence: 'repository', message };
  }
  return reason === 'policy-says-retry'
    ? conclusive('MigrationOutcomeUnknown', `not sent again: ${check.reason}`)
    : conclusive('MigrationRejected', `${check.reason}; not sent`);
}

/** Something of this VNF appeared on the target since the first look: one more request would make one more. */
function leftover(finding: Finding | null): Failure {
  const found = finding === null ? 'the repository cannot be read' : describe(finding);
  return conclusive('MigrationOutcomeUnknown', `not sent again: ${found}`);
}

function waitForRepository(
  situation: Situation,
  { readyMs, reason }: { readyMs: number; reason: string },
): Step {
  const { ledger, nowMs } = situation;
  const overMs = readyMs + ledger.request.policy.busyTimeout;
  if (nowMs < overMs) return lookAgain(situation, { seq: 0, atMs: readyMs });
  const message = `the repository cannot be read, and nothing is sent without a look at it: ${reason}`;
  return close(
    mayBeRunning(ledger)
      ? conclusive('MigrationOutcomeUnknown', message)
      : retryable('MigrationRejected', message),
  );
}

/** The repository could not be read since: look again, with backoff, until the deadline. */
function lookAgain({ ledger, nowMs }: Situation, since: Moment): Step {
  const failed = ledger.looks.filter(
    ({ seq, atMs, seen }) => seq > since.seq && atMs >= since.atMs && seen.kind === 'unreadable',
  );
  const againMs = (failed.at(-1) ?? since).atMs + intervalMs(ledger, failed.length - 1);
  return nowMs < againMs ? wait('reconciling', againMs) : { kind: 'look', phase: 'reconciling' };
}

function afterBusyTimeout(rejection: {
  class: 'busy' | 'transient' | 'already-there' | 'permanent';
  error: string;
}): Failure {
  return rejection.class === 'busy'
    ? retryable(
        'ServiceBusy',
        'the service was busy for the whole of busyTimeout; if nothing else works on it, it is locked and ' +
          'the MANO must be restarted',
      )
    : retryable(
        'MigrationRejected',
        `the MANO's repository failed for the whole of busyTimeout: ${rejection.error}`,
      );
}

function afterDeadline(ledger: Ledger): Failure {
  if (mayBeRunning(ledger)) {
    const isBusy = ledger.probes.findLast(({ answer }) => answer !== null)?.answer?.says === 'busy';
    const hint = isBusy
      ? '; the service is still busy: if that lasts, it is locked and the MANO must be restarted'
      : '';
    return conclusive('MigrationOutcomeUnknown', `deadline over${hint}`);
  }
  const rejection = lastAttempt(ledger)?.rejection;
  if (rejection !== null && rejection !== undefined) {
    return rejection.class === 'busy'
      ? retryable('ServiceBusy', 'deadline over; the service was busy to the end')
      : retryable('MigrationRejected', `deadline over; the MANO kept answering: ${rejection.error}`);
  }
  const look = lastLook(ledger)?.seen;
  return look?.kind === 'unreadable'
    ? retryable('MigrationRejected', `deadline over; the repository cannot be read: ${look.reason}`)
    : retryable('BrokerUnavailable', 'deadline over; no broker took the request');
}

// --- readings of the ledger ------------------------------------------------------------------------------

function hasAnswer({ ack, finalError, rejection }: Attempt): boolean {
  return ack !== null || finalError !== null || rejection !== null;
}

/** Acked, or seen busy, after it was judged to be over or never judged so; and without a final. */
function isRunning(ledger: Ledger, attempt: Attempt): boolean {
  if (attempt.finalError !== null) return false;
  const sign = attempt.ack ?? (attempt.rejection === null ? firstBusyAnswer(ledger, attempt) : null);
  return sign !== null && (attempt.superseded === null || sign.seq > attempt.superseded.seq);
}

/** The first probe after this request, and before the next, that found the service busy. */
function firstBusyAnswer(ledger: Ledger, attempt: Attempt): Moment | null {
  const { started, superseded } = attempt;
  const found = ledger.probes.find(
    (probe) =>
      probe.answer?.says === 'busy' &&
      probe.started.seq > started.seq &&
      (superseded === null || probe.started.seq < superseded.seq),
  );
  return found?.answer ?? null;
}

/** "Free" as the latest word, from a probe that can tell of this request; null otherwise. */
function freeAnswer(ledger: Ledger, attempt: Attempt): Moment | null {
  const askedAfter = Math.max(attempt.started.seq, attempt.ack?.seq ?? 0);
  const told = ledger.probes.findLast(
    ({ answer, started }) =>
      started.seq > askedAfter &&
      started.atMs >= settledMsOf(attempt) &&
      answer !== null &&
      answer.says !== 'unrecognised',
  );
  return told?.answer?.says === 'free' ? told.answer : null;
}

/** From when on a probe speaks for this request: at once if it was confirmed or acked. */
function settledMsOf({ sent, published, ack, started }: Attempt): number {
  const endedMs = (published ?? started).atMs;
  return sent === 'confirmed' || ack !== null ? endedMs : endedMs + UNCONFIRMED_SETTLE_MS;
}

function trailingUnanswered(round: readonly Probe[]): number {
  const lastAnswered = round.findLastIndex(
    ({ answer }) => answer?.says === 'busy' || answer?.says === 'free',
  );
  return round.length - 1 - lastAnswered;
}

/** The refusals for a while at the end of the ledger, oldest first. */
function rejectionsInARow(ledger: Ledger): Moment[] {
  const start = ledger.attempts.findLastIndex((attempt) => !waitsForMano(attempt)) + 1;
  return ledger.attempts.slice(start).flatMap(({ rejection }) => (rejection === null ? [] : [rejection]));
}

function lookAfter(ledger: Ledger, moment: Moment): Look | null {
  const look = lastLook(ledger);
  return look !== undefined && look.seq > moment.seq ? look : null;
}

/** Null if the repository could not be read. */
function findingOf(ledger: Ledger, { seen }: Look): Finding | null {
  switch (seen.kind) {
    case 'service':
      return reconcile({ ...questionOf(ledger, seen.snapshot), before: snapshotBefore(ledger) });
    case 'no-such-service':
      return { kind: 'unclear', reason: 'the repository knows no such service', copies: [] };
    case 'unreadable':
      return null;
  }
}

function questionOf(ledger: Ledger, now: Extract<Look['seen'], { kind: 'service' }>['snapshot']) {
  const { vnfUuid, vimUuid } = ledger.request;
  return { vnfUuid, vimUuid, now };
}

function stillListed(ledger: Ledger, { seen }: Look): boolean {
  return seen.kind === 'service' && seen.snapshot.listedVnfUuids.includes(ledger.request.vnfUuid);
}

function describe(finding: Finding): string {
  switch (finding.kind) {
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

/** Backoff; the floor after many questions keeps one run's history far below Temporal's limit. */
function intervalMs(ledger: Ledger, exponent: number): number {
  const { initialInterval, backoffCoefficient, maximumInterval, deadline } = ledger.request.policy;
  const backoff = Math.min(initialInterval * backoffCoefficient ** Math.max(exponent, 0), maximumInterval);
  const questions = ledger.attempts.length + ledger.probes.length + ledger.looks.length;
  return Math.round(questions < 100 ? backoff : Math.max(backoff, deadline / 2_000));
}
