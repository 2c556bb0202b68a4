/**
 * Writes one message for the MANO, at most once, and tells the truth about it.
 *
 * Invariant: an execution that Temporal may have given up writes nothing. A process that was stopped and
 * wakes up late asks right before the write whether its time, or the patience of the heartbeat, is over.
 */
import { Context } from '@temporalio/activity';
import type { Publisher } from '../amqp/publisher.js';
import type { Sent } from '../shared/migration.js';

export interface PublishInput {
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

const HEARTBEAT_SHARE = 3;

export async function publishOnce(
  publisher: Publisher,
  { body, input }: { body: Buffer; input: PublishInput },
): Promise<PublishOutcome> {
  const context = Context.current();
  const lease = holdLease(context);
  try {
    const { correlationId, timeoutMs, expirationMs } = input;
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
      .createHistogram('vnf_migrator_publish_latency', 'int', 'ms', 'publish asked for to ended')
      .record(lease.heldMs(), { sent: result.sent });
    context.log.info('published', { correlationId, sent: result.sent, reason });
    return { sent: result.sent, reason };
  } finally {
    lease.release();
  }
}

interface Lease {
  isHeld: () => boolean;
  heldMs: () => number;
  release: () => void;
}

/** Heartbeats while the publish waits, and knows when the server may have stopped believing in it. */
function holdLease(context: Context): Lease {
  const { startToCloseTimeoutMs, heartbeatTimeoutMs = startToCloseTimeoutMs } = context.info;
  const startedAtMs = Date.now();
  let aliveAtMs = startedAtMs;
  const timer = setInterval(() => {
    // A timer that fires late was asleep: by then the heartbeat may have been missed for good.
    if (Date.now() - aliveAtMs < heartbeatTimeoutMs) aliveAtMs = Date.now();
    context.heartbeat();
  }, heartbeatTimeoutMs / HEARTBEAT_SHARE);
  return {
    isHeld: () => {
      const now = Date.now();
      return now - aliveAtMs < heartbeatTimeoutMs && now - startedAtMs < startToCloseTimeoutMs;
    },
    heldMs: () => Date.now() - startedAtMs,
    release: () => clearInterval(timer),
  };
}
