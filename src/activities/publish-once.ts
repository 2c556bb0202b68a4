/**
 * Writes one message for the MANO, at most once, and reports truthfully what happened.
 *
 * Invariant: an execution that Temporal may have given up writes nothing. A process that was stopped and
 * wakes up late asks right before the write whether its time, or the patience of the heartbeat, is over.
 */
import { Context } from '@temporalio/activity';
import type { Publisher } from '../amqp/publisher.js';
import { METRICS } from '../shared/metric-names.js';
import type { Sent } from '../shared/migration/contract.js';
import { holdLease } from './lease.js';
import type { LogSubject } from './log-fields.js';

export interface PublishInput extends LogSubject {
  correlationId: string;
  /** How long to look for a broker, in milliseconds. */
  timeoutMs: number;
  /** After it the broker drops the message if no consumer has taken it. */
  expirationMs: number;
}

export interface PublishOutcome {
  sent: Exclude<Sent, 'publishing'>;
  /** Why it is not confirmed; null if it is. */
  reason: string | null;
}

export async function publishOnce(
  publisher: Publisher | null,
  { body, input }: { body: Buffer; input: PublishInput },
): Promise<PublishOutcome> {
  if (publisher === null) return { sent: 'not-sent', reason: 'AMQP_URL is not set' };
  const context = Context.current();
  const lease = holdLease(context);
  try {
    const { correlationId, expirationMs } = input;
    // Whatever it waited for a slot is over: nothing is sent after its time.
    const timeoutMs = Math.max(0, input.timeoutMs - lease.ageMs());
    const result = await publisher.publish({
      body,
      correlationId,
      expirationMs,
      timeoutMs,
      mayWrite: lease.isHeld,
      signal: context.cancellationSignal,
    });
    const reason = result.sent === 'confirmed' ? null : result.reason;
    context.metricMeter
      .createHistogram(METRICS.publishLatency, 'int', 'ms', 'publish asked for to ended')
      .record(lease.heldMs(), { sent: result.sent });
    context.log.debug('published', { sent: result.sent, reason });
    return { sent: result.sent, reason };
  } finally {
    lease.release();
  }
}
