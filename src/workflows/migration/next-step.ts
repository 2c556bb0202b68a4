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
import { preflight } from '../../shared/migration/reconciliation.js';
import { REMOVAL_FAILED_ERROR } from '../../shared/mano/rejection.js';
import { hasLeft, lastAttempt, lastLook, type Ledger, type Rejection } from './attempt-ledger.js';
import {
  freshLook,
  hasAnswer,
  isInDoubt,
  lastRunning,
  refusalsInARow,
  removalFailed,
  standingFailure,
} from './derived-facts.js';
import { isAfter } from './moments.js';
import { backoffMs, deadlineMsOf } from './pauses.js';
import { permitWait } from './permit.js';
import { awaitsVerification, statusOfReady } from './ready-reply.js';
import { describe, findingOf, comparisonOf } from './repository-findings.js';
import { beforePublish, lookAgain, onUnknownOutcome, retry, unlessInDoubt } from './retry-rules.js';
import { afterSilence } from './timeout-rules.js';
import { close, RECONCILE, wait, type Situation, type Step } from './step.js';
import { conclusive, migratedByReply, retryable, type Failure } from './verdict.js';

export { mayBeRunning, UNCONFIRMED_SETTLE_MS } from './derived-facts.js';
export { deadlineMsOf } from './pauses.js';
export { FREE_GRACE_MS } from './timeout-rules.js';
export type { Step } from './step.js';

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
  if (nowMs >= deadlineMs) {
    // One look more, so that a READY in hand is not lost.
    const verifies = step.kind === 'look' && awaitsVerification(ledger);
    return verifies ? step : close(afterDeadline(ledger));
  }
  const leftMs = deadlineMs - nowMs;
  switch (step.kind) {
    case 'wait':
      return { ...step, untilMs: Math.min(step.untilMs, deadlineMs) };
    case 'publish':
    case 'probe':
      return { ...step, timeoutMs: Math.min(step.timeoutMs, leftMs) };
    case 'look':
    case 'list-vims':
    case 'ask-permit':
      return step;
  }
}

function firstOf(situation: Situation): Step {
  for (const rule of RULES) {
    const step = rule(situation);
    if (step !== null) return step;
  }
  // Unreachable: a request is unanswered, running, failed, refused, or was not sent.
  throw new Error('no rule applies');
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
    const standing = statusOfReady(ledger, ready);
    if (standing === 'to-be-verified') return RECONCILE;
    // Set aside: forged, or of another MANO. Time limits and the records decide.
    if (standing === 'contradicted') continue;
    const look = lastLook(ledger);
    const finding = look === undefined ? null : findingOf(ledger, look);
    const foundVnfUuid = finding?.kind === 'moved' ? finding.newVnfUuid : null;
    return close(migratedByReply(ledger, { attempt, ready: ready.reply, foundVnfUuid }));
  }
  return null;
}

/** The VNF is where it should be, whatever moved it. */
function whenRecordsSayMoved({ ledger }: Situation): Step | null {
  const look = lastLook(ledger);
  if (look === undefined) return null;
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
  const stray = ledger.strays.at(-1);
  if (!ledger.hasRepository || stray === undefined) return null;
  const look = lastLook(ledger);
  return look !== undefined && isAfter(look, stray) ? null : RECONCILE;
}

/** Acked, or seen busy by a probe, and no final yet. */
function whenRunning(situation: Situation): Step | null {
  const { ledger } = situation;
  const running = lastRunning(ledger);
  if (running === null) return null;
  const { attempt, since } = running;
  const dueMs = since.atMs + ledger.request.policy.finalTimeout;
  return afterSilence(situation, { attempt, dueMs, awaiting: 'final' });
}

/** Sent, or perhaps sent, and no reply at all. */
function whenSilent(situation: Situation): Step | null {
  const { ledger } = situation;
  const attempt = lastAttempt(ledger);
  if (attempt === undefined || !hasLeft(attempt) || hasAnswer(attempt)) return null;
  if (attempt.published === null) return wait('publishing', deadlineMsOf(ledger));
  const dueMs = attempt.published.atMs + ledger.request.policy.ackTimeout;
  return afterSilence(situation, { attempt, dueMs, awaiting: 'ack' });
}

function whenFailed(situation: Situation): Step | null {
  const { ledger } = situation;
  const since = standingFailure(ledger);
  if (since === null) return null;
  const told = removalFailed(ledger)
    ? `the MANO could not remove the old VNF (${REMOVAL_FAILED_ERROR}): a copy of it runs on the target VIM`
    : `the MANO reported: ${since.error}`;
  if (!ledger.hasRepository) return onUnknownOutcome(situation, { type: 'MigrationFailed', told, since });
  const look = freshLook(ledger);
  if (look === null) return RECONCILE;
  const finding = findingOf(ledger, look);
  if (finding === null) return lookAgain(situation, since);
  const message = `${told}; ${describe(finding)}`;
  if (finding.kind === 'untouched' && !removalFailed(ledger)) {
    const exhausted = retryable('MigrationFailed', message);
    return retry(situation, { reason: 'repository-says-untouched', since, exhausted });
  }
  return onUnknownOutcome(situation, { type: 'MigrationFailed', told: message, since });
}

function whenAlreadyThere(situation: Situation): Step | null {
  const { ledger } = situation;
  const rejection = lastAttempt(ledger)?.rejection;
  if (rejection?.class !== 'already-there') return null;
  if (!ledger.hasRepository) {
    const message = 'the MANO says that the VNF is on this VIM already';
    return close({ kind: 'already-there', evidence: 'reply', message });
  }
  const look = freshLook(ledger);
  if (look === null) return RECONCILE;
  if (look.seen.kind === 'unreadable') return lookAgain(situation, rejection);
  const check = look.seen.kind === 'service' ? preflight(comparisonOf(ledger, look.seen.snapshot)) : null;
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
    const failure = conclusive('MigrationRejected', `the MANO rejected the request: ${rejection.error}`);
    return close(unlessInDoubt(situation, failure));
  }
  const row = refusalsInARow(ledger);
  const overMs = (row[0] ?? rejection).atMs + policy.busyTimeout;
  if (nowMs >= overMs) return close(unlessInDoubt(situation, afterBusyTimeout(rejection)));
  const againMs = rejection.atMs + backoffMs(ledger, row.length - 1);
  if (nowMs < againMs) return wait('busy', Math.min(againMs, overMs));
  const reason = rejection.class === 'busy' ? 'service-was-busy' : 'mano-failed-to-read-its-repository';
  return beforePublish(situation, { reason, readyMs: againMs });
}

/** The publisher may have stopped early, with its worker: the rest of publishTimeout is another one's. */
function whenNotSent(situation: Situation): Step | null {
  const { ledger, nowMs } = situation;
  const [first] = ledger.attempts;
  const attempt = lastAttempt(ledger);
  if (first === undefined || attempt === undefined || hasLeft(attempt)) return null;
  const overMs = first.started.atMs + ledger.request.policy.publishTimeout;
  const againMs = (attempt.published ?? attempt.started).atMs + backoffMs(ledger, ledger.attempts.length - 1);
  // Once anything has left, sending again takes evidence, which is not looked for twice.
  if (ledger.attempts.some(hasLeft) || againMs >= overMs || nowMs >= overMs) {
    const why = attempt.sentReason === null ? '' : ` (${attempt.sentReason})`;
    const message = `${noTaker(ledger)} took the request within publishTimeout; it was not sent${why}`;
    return close(unlessInDoubt(situation, retryable('BrokerUnavailable', message)));
  }
  if (nowMs < againMs) return wait('publishing', againMs);
  const step = beforePublish(situation, { reason: 'first', readyMs: againMs });
  return step.kind === 'publish' ? { ...step, timeoutMs: overMs - nowMs } : step;
}

function noTaker({ request }: Ledger): string {
  return request.policy.transport === 'bus' ? 'no broker' : 'no Gatekeeper';
}

function whenNothingSent(situation: Situation): Step | null {
  const { attempts, startedAtMs } = situation.ledger;
  if (attempts.length > 0) return null;
  return beforePublish(situation, { reason: 'first', readyMs: startedAtMs });
}

function afterBusyTimeout(rejection: Rejection): Failure {
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
  if (isInDoubt(ledger)) {
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
      : retryable('MigrationRejected', `deadline over; the last error of the MANO: ${rejection.error}`);
  }
  const permit = permitWait(ledger);
  if (permit !== null) {
    const message = `deadline over; the limits of the deployment gave no permit (${permit.reason}); not sent`;
    return retryable('MigrationRejected', message);
  }
  const look = lastLook(ledger)?.seen;
  return look?.kind === 'unreadable'
    ? retryable('MigrationRejected', `deadline over; the repository cannot be read: ${look.reason}`)
    : retryable('BrokerUnavailable', `deadline over; ${noTaker(ledger)} took the request`);
}
