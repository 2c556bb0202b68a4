/** What one migration adds to the metrics when it ends. Not recorded again by a replay, and no command of the history. */
import { metricMeter } from '@temporalio/workflow';
import { METRICS, type AttemptOutcome } from '../../shared/metric-names.js';
import type { Attempt, Ledger } from './attempt-ledger.js';
import { mayBeRunning } from './derived-facts.js';

/** `outcome`: migrated, already-there, a failure type, or cancelled. */
export function recordEnd(ledger: Ledger, outcome: string): void {
  recordOutcome(outcome, { isUnknown: !isSuccess(outcome) && mayBeRunning(ledger) });
  const ack = metricMeter.createHistogram(METRICS.ackLatency, 'int', 'ms', 'request sent to ack');
  const final = metricMeter.createHistogram(METRICS.finalLatency, 'int', 'ms', 'ack to final');
  const attempts = metricMeter.createCounter(METRICS.attempts, undefined, 'requests by what came of them');
  const doubles = metricMeter.createCounter(
    METRICS.doubleReplies,
    undefined,
    'requests that were answered twice',
  );
  for (const attempt of ledger.attempts) {
    attempts.add(1, { outcome: attemptOutcome(attempt) });
    if (isAnsweredTwice(attempt)) doubles.add(1);
    if (attempt.ack === null) continue;
    ack.record(attempt.ack.atMs - attempt.started.atMs);
    const ended = attempt.ready ?? attempt.finalError;
    if (ended !== null) final.record(Math.max(ended.atMs - attempt.ack.atMs, 0));
  }
}

/** `isUnknown`: the MANO may have carried out a request, or may still do so. */
export function recordOutcome(outcome: string, { isUnknown }: { isUnknown: boolean }): void {
  metricMeter.createCounter(METRICS.migrations, undefined, 'migrations by outcome').add(1, { outcome });
  if (!isUnknown) return;
  metricMeter
    .createCounter(METRICS.unknownOutcomes, undefined, 'migrations of which nobody knows whether they moved')
    .add(1, { outcome });
}

function isSuccess(outcome: string): boolean {
  return outcome === 'migrated' || outcome === 'already-there';
}

/** Two first replies, or two final ones, that differ. A redelivered reply is recorded once: that is no second MANO. */
function isAnsweredTwice({ replies }: Attempt): boolean {
  const finals = replies.filter(({ isFinal }) => isFinal).length;
  return finals > 1 || replies.length - finals > 1;
}

function attemptOutcome({ sent, ready, finalError, rejection, ack }: Attempt): AttemptOutcome {
  if (ready !== null) return 'ready';
  if (finalError !== null) return 'failed';
  if (ack !== null) return 'acked';
  if (rejection !== null) return rejection.class;
  return sent === 'not-sent' ? 'not-sent' : 'silent';
}
