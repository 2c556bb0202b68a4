/**
 * No ack, or no final, within its time: ask the MANO whether it is busy, and the repository what happened.
 *
 * Invariant: no answer is never "free"; one probe at a time.
 */
import { lastLook, type Attempt, type Moment, type Probe } from './attempt-ledger.js';
import {
  freeAnswer,
  freshLook,
  settledMsOf,
  standingFailure,
  takenAt,
  trailingUnanswered,
} from './derived-facts.js';
import { isAfter } from './moments.js';
import { backoffMs, pauseMs } from './pauses.js';
import { describe, findingOf } from './repository-findings.js';
import { lookAgain, onUnknownOutcome, retry } from './retry-rules.js';
import { close, RECONCILE, wait, type Situation, type Step } from './step.js';
import { conclusive, retryable } from './verdict.js';

/** "Free" can overtake the final that was published before it: replies are handled concurrently. */
export const FREE_GRACE_MS = 3_000;
/** What the Gatekeeper knows arrives by polling: at the latest this long after (one interval, and one answer). */
const GATEKEEPER_GRACE_MS = 40_000;

export interface Silence {
  attempt: Attempt;
  /** Since when a reply is overdue. */
  dueMs: number;
  awaiting: 'ack' | 'final';
}

/** What a silence leads to; null: there is a final ERROR of an earlier request to judge first. */
export function afterSilence(situation: Situation, silence: Silence): Step | null {
  const { ledger, nowMs } = situation;
  const free = freeAnswer(ledger);
  if (free !== null) return afterFree(situation, { silence, free });
  const phase = silence.awaiting === 'ack' ? 'awaiting-ack' : 'awaiting-final';
  return nowMs < silence.dueMs ? wait(phase, silence.dueMs) : probeUntilAnswered(situation, silence);
}

/** One probe at a time, with backoff while no answer arrives, at intervals while the service is busy. */
function probeUntilAnswered(situation: Situation, silence: Silence): Step {
  const { ledger, nowMs } = situation;
  const { policy } = ledger.request;
  const probe: Step = { kind: 'probe', timeoutMs: policy.probeTimeout };
  if (policy.probe === 'off') return giveUp(situation, silence);
  const settledMs = settledMsOf(ledger);
  if (nowMs < settledMs) return wait('probing', settledMs);
  const underWay = ledger.probes.at(-1);
  const patientMs = underWay?.answer === null ? patienceMs(underWay, policy.probeTimeout) : nowMs;
  if (nowMs < patientMs) return wait('probing', patientMs);
  const row = ledger.probes.filter(({ started }) => started.atMs >= Math.max(silence.dueMs, settledMs));
  const last = row.at(-1);
  if (last === undefined) return probe;
  if (last.answer?.says === 'busy') {
    const againMs = last.answer.atMs + pauseMs(ledger, policy.maximumInterval);
    return nowMs < againMs ? wait('awaiting-final', againMs) : probe;
  }
  const overMs = patienceMs(last, policy.probeTimeout);
  if (nowMs < overMs) return wait('probing', overMs);
  const asked = row.filter(({ sent }) => sent !== 'not-sent');
  if (silence.awaiting === 'ack' && trailingUnanswered(asked) >= policy.maxProbes) {
    return giveUp(situation, silence);
  }
  const againMs = overMs + backoffMs(ledger, trailingUnanswered(row) - 1);
  return nowMs < againMs ? wait('probing', againMs) : probe;
}

/** Until when a probe may be answered; one that was never sent will not be. */
function patienceMs({ sent, started, published }: Probe, probeTimeout: number): number {
  const askedMs = (published ?? started).atMs;
  return sent === 'not-sent' ? askedMs : askedMs + probeTimeout;
}

/** The MANO says that nothing runs for the service; what was confirmed before the probe is over. */
function afterFree(situation: Situation, { silence, free }: { silence: Silence; free: Moment }): Step | null {
  const { ledger, nowMs } = situation;
  const isOnBus = ledger.request.policy.transport === 'bus';
  const isToldLate = !isOnBus && !ledger.hasRepository;
  const graceMs = free.atMs + (isToldLate ? GATEKEEPER_GRACE_MS : FREE_GRACE_MS);
  if (nowMs < graceMs) return wait('probing', graceMs);
  if (standingFailure(ledger) !== null) return null;
  const isTaken = takenAt(ledger, silence.attempt) !== null;
  if (!ledger.hasRepository) {
    // On the bus a request's own replies come before "free". The Gatekeeper may keep them to itself.
    if (!isTaken && isOnBus) {
      const exhausted = conclusive('MigrationNotAcknowledged', 'the MANO took none of the requests');
      return retry(situation, { reason: 'probe-says-not-taken', since: free, exhausted });
    }
    const told = isTaken
      ? 'the MANO took the request and is done with it, but its final reply never came'
      : 'the MANO is idle, and the Gatekeeper does not tell what became of the request';
    return onUnknownOutcome(situation, { type: 'MigrationOutcomeUnknown', told, since: free });
  }
  const look = freshLook(ledger);
  if (look === null) return RECONCILE;
  const finding = findingOf(ledger, look);
  if (finding === null) return lookAgain(situation, free);
  if (finding.kind === 'untouched') {
    const exhausted = retryable(
      isTaken ? 'MigrationFailed' : 'MigrationNotAcknowledged',
      'the MANO is idle and the repository shows the VNF untouched',
    );
    return retry(situation, { reason: 'repository-says-untouched', since: free, exhausted });
  }
  const told = `the MANO is idle, its reply never came, and ${describe(finding)}`;
  return onUnknownOutcome(situation, { type: 'MigrationOutcomeUnknown', told, since: free });
}

/** No probe is answered, or none may be sent: the records decide. */
function giveUp(situation: Situation, { attempt, dueMs, awaiting }: Silence): Step {
  const { ledger } = situation;
  const overdue: Moment = { seq: attempt.started.seq, atMs: dueMs };
  const asked = ledger.probes.at(-1)?.started ?? null;
  const look = lastLook(ledger);
  const isCurrent =
    look !== undefined && freshLook(ledger) !== null && isAfter(look, asked) && look.atMs >= dueMs;
  if (ledger.hasRepository && !isCurrent) return RECONCILE;
  const finding = look === undefined ? null : findingOf(ledger, look);
  const found = ledger.hasRepository ? `; ${describe(finding)}` : '';
  if (awaiting === 'ack') {
    const told = `neither the request nor any probe was answered${found}`;
    return close(conclusive('MigrationNotAcknowledged', told));
  }
  if (ledger.hasRepository && finding === null) return lookAgain(situation, overdue);
  const told = `the MANO took the request, but its final reply did not come within finalTimeout${found}`;
  return onUnknownOutcome(situation, { type: 'MigrationOutcomeUnknown', told, since: overdue });
}
