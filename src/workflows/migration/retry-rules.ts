/**
 * Every way to a request, the first included, and what stops it.
 *
 * Invariants: after a failed removal, and after a permanent refusal, nothing is sent any more; with a
 * repository nothing is sent without a read of it that is newer than every reply.
 */
import type { AttemptReason } from '../../shared/migration/contract.js';
import { preflight, type Finding } from '../../shared/migration/reconciliation.js';
import { lastAttempt, spentAttempts, type Look, type Moment } from './attempt-ledger.js';
import { freshLook, hasLeftTraces, isInDoubt, refusalOf, removalFailed } from './derived-facts.js';
import { backoffMs, deadlineMsOf } from './pauses.js';
import { describe, findingOf, comparisonOf } from './repository-findings.js';
import { beforePermit, waitedUntilMs } from './permit.js';
import { close, wait, type Situation, type Step } from './step.js';
import { needsVimList, targetProblem } from './target-check.js';
import { conclusive, retryable, type Failure, type Verdict } from './verdict.js';

export interface Doubt {
  type: 'MigrationFailed' | 'MigrationOutcomeUnknown';
  told: string;
  /** The fact that left the doubt. */
  since: Moment;
}

export function onUnknownOutcome(situation: Situation, { type, told, since }: Doubt): Step {
  const { ledger } = situation;
  const failure = conclusive(type, told);
  switch (ledger.request.policy.onUnknownOutcome) {
    case 'fail':
      return close(failure);
    case 'wait':
      return wait('awaiting-operator', deadlineMsOf(ledger));
    case 'retry':
      return removalFailed(ledger)
        ? close(failure)
        : retry(situation, { reason: 'policy-says-retry', since, exhausted: failure });
  }
}

/** One more attempt after a pause, or `exhausted` where none is left. */
export function retry(
  situation: Situation,
  { reason, since, exhausted }: { reason: AttemptReason; since: Moment; exhausted: Failure },
): Step {
  const { ledger, nowMs } = situation;
  const refusal = refusalOf(lastAttempt(ledger));
  if (refusal?.class === 'permanent' || refusal?.class === 'already-there') {
    const rejected = conclusive('MigrationRejected', `the MANO rejected the last request: ${refusal.error}`);
    return close(reason === 'policy-says-retry' ? exhausted : rejected);
  }
  const spent = spentAttempts(ledger);
  if (spent >= ledger.request.policy.maxAttempts) {
    const message = `${exhausted.message} (${String(spent)} of ${String(spent)} attempts)`;
    return close({ ...exhausted, message });
  }
  const readyMs = since.atMs + backoffMs(ledger, spent - 1);
  if (nowMs < readyMs) return wait('publishing', readyMs);
  return beforePublish(situation, { reason, readyMs });
}

/** With a repository every request follows a look that says it can do no harm. */
export function beforePublish(
  situation: Situation,
  { reason, readyMs }: { reason: AttemptReason; readyMs: number },
): Step {
  const { ledger } = situation;
  if (!ledger.hasRepository) return toCheckedTarget(situation, reason);
  const look = freshLook(ledger);
  const dueMs = Math.max(readyMs, waitedUntilMs(ledger) ?? readyMs);
  if (look === null || look.atMs < dueMs) return { kind: 'look', phase: 'pre-flight' };
  switch (look.seen.kind) {
    case 'unreadable':
      return waitForRepository(situation, { readyMs: dueMs, reason: look.seen.reason });
    case 'no-such-service':
      return close(notSent(situation, 'the repository knows no such service'));
    case 'service': {
      const check = preflight(comparisonOf(ledger, look.seen.snapshot));
      if (check.kind === 'already-there') return close(alreadyThere());
      if (check.kind === 'refuse') {
        return unlessAtWork(situation, { look, dueMs, failure: notSent(situation, check.reason) });
      }
      const harm = reason === 'policy-says-retry' ? null : harmOf(situation, look);
      if (harm === null) return toCheckedTarget(situation, reason);
      return unlessAtWork(situation, { look, dueMs, failure: leftover(situation, harm) });
    }
  }
}

/** The request, once the target was looked for on the list of VIMs, and the limits of the deployment allow it. */
function toCheckedTarget(situation: Situation, reason: AttemptReason): Step {
  const { ledger } = situation;
  if (needsVimList(ledger)) return { kind: 'list-vims', phase: 'pre-flight' };
  const problem = targetProblem(ledger);
  if (problem !== null) return close(notSent(situation, problem));
  const permit = beforePermit(situation);
  if (permit !== null) return permit;
  return { kind: 'publish', reason, timeoutMs: ledger.request.policy.publishTimeout };
}

/** While the service is busy with what may be a request of ours, the records are still being written: look again. */
function unlessAtWork(
  situation: Situation,
  { look, dueMs, failure }: { look: Look; dueMs: number; failure: Failure },
): Step {
  const { ledger, nowMs } = situation;
  const isBusy = refusalOf(lastAttempt(ledger))?.class === 'busy';
  if (!isBusy || !hasLeftTraces(ledger)) return close(failure);
  const looks = ledger.looks.filter(({ atMs }) => atMs >= dueMs).length;
  const againMs = look.atMs + backoffMs(ledger, looks - 1);
  return nowMs < againMs ? wait('reconciling', againMs) : { kind: 'look', phase: 'reconciling' };
}

function alreadyThere(): Verdict {
  const message = 'the repository shows the VNF on this VIM already; no request was sent for that';
  return { kind: 'already-there', evidence: 'repository', message };
}

/** The VNF cannot be asked to move. */
function notSent({ ledger }: Situation, reason: string): Failure {
  return isInDoubt(ledger)
    ? conclusive('MigrationOutcomeUnknown', `not sent again: ${reason}`)
    : conclusive('MigrationRejected', `${reason}; not sent`);
}

/** What has changed since the first readable look, which itself is compared with nothing. */
function harmOf({ ledger }: Situation, look: Look): Finding | null {
  const isFirst = ledger.looks.find(({ seen }) => seen.kind === 'service') === look;
  const finding = findingOf(ledger, look);
  return isFirst || finding?.kind === 'untouched' ? null : finding;
}

/** Something of this VNF appeared on the target since the first look: one more request would make one more. */
function leftover({ ledger }: Situation, harm: Finding): Failure {
  const again = ledger.attempts.length > 0 ? ' again' : '';
  return conclusive('MigrationOutcomeUnknown', `not sent${again}: ${describe(harm)}`);
}

function waitForRepository(
  situation: Situation,
  { readyMs, reason }: { readyMs: number; reason: string },
): Step {
  const { ledger, nowMs } = situation;
  const overMs = readyMs + ledger.request.policy.busyTimeout;
  if (nowMs < overMs) return lookAgain(situation, { seq: 0, atMs: readyMs });
  const message = `the repository cannot be read, and nothing is sent without a look at it: ${reason}`;
  return close(unlessInDoubt(situation, retryable('MigrationRejected', message)));
}

/** The repository could not be read since: look again, with backoff, until the deadline. */
export function lookAgain({ ledger, nowMs }: Situation, since: Moment): Step {
  const failed = ledger.looks.filter(
    ({ seq, atMs, seen }) => seq > since.seq && atMs >= since.atMs && seen.kind === 'unreadable',
  );
  const againMs = (failed.at(-1) ?? since).atMs + backoffMs(ledger, failed.length - 1);
  return nowMs < againMs ? wait('reconciling', againMs) : { kind: 'look', phase: 'reconciling' };
}

/** A failure of the last request does not explain an earlier one whose outcome is unknown. */
export function unlessInDoubt({ ledger }: Situation, failure: Failure): Failure {
  if (!isInDoubt(ledger)) return failure;
  const message = `what became of an earlier request is not known; ${failure.message}`;
  return conclusive('MigrationOutcomeUnknown', message);
}
