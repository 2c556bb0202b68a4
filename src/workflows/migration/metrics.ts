/** What one migration adds to the metrics when it ends. Not recorded again by a replay, and no command of the history. */
import { metricMeter } from '@temporalio/workflow';
import { DESCRIPTIONS, METRICS, type AttemptOutcome } from '../../shared/metric-names.js';
import type { Attempt, Ledger } from './attempt-ledger.js';
import { mayBeRunning } from './derived-facts.js';

/** `outcome`: migrated, already-there, a failure type, or cancelled. */
export function recordEnd(ledger: Ledger, outcome: string): void {
  recordOutcome(outcome, { isUnknown: isUnknown(outcome, ledger) });
  const ack = metricMeter.createHistogram(METRICS.ackLatency, 'int', 'ms', 'request sent to ack');
  const final = metricMeter.createHistogram(METRICS.finalLatency, 'int', 'ms', 'ack to final');
  const attempts = metricMeter.createCounter(METRICS.attempts, undefined, DESCRIPTIONS.attempts);
  const doubles = metricMeter.createCounter(METRICS.doubleReplies, undefined, DESCRIPTIONS.doubleReplies);
  for (const attempt of ledger.attempts) {
    attempts.add(1, { outcome: attemptOutcome(attempt) });
    if (hasTwoFinals(attempt)) doubles.add(1);
    if (attempt.ack === null) continue;
    ack.record(attempt.ack.atMs - attempt.started.atMs);
    const ended = attempt.ready ?? attempt.finalError;
    if (ended !== null) final.record(Math.max(ended.atMs - attempt.ack.atMs, 0));
  }
}

/** `isUnknown`: the MANO may have carried out a request, or may still do so. */
export function recordOutcome(outcome: string, { isUnknown }: { isUnknown: boolean }): void {
  metricMeter.createCounter(METRICS.migrations, undefined, DESCRIPTIONS.migrations).add(1, { outcome });
  if (!isUnknown) return;
  metricMeter
    .createCounter(METRICS.unknownOutcomes, undefined, DESCRIPTIONS.unknownOutcomes)
    .add(1, { outcome });
}

/** As the exit code 3 of the command line has it. */
function isUnknown(outcome: string, ledger: Ledger): boolean {
  if (outcome === 'migrated' || outcome === 'already-there') return false;
  return outcome === 'MigrationOutcomeUnknown' || mayBeRunning(ledger);
}

/** Each listener sees a part of the first replies alone. Two finals that differ meet here. */
function hasTwoFinals({ replies }: Attempt): boolean {
  return replies.filter(({ isFinal }) => isFinal).length > 1;
}

function attemptOutcome({ sent, ready, finalError, rejection, ack }: Attempt): AttemptOutcome {
  if (ready !== null) return 'ready';
  if (finalError !== null) return 'failed';
  if (ack !== null) return 'acked';
  if (rejection !== null) return rejection.class;
  return sent === 'not-sent' ? 'not-sent' : 'silent';
}
