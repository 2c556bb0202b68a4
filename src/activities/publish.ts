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
const CONFIRM_LEASE_TIMEOUT_MS = 2_000;

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
  isHeld: () => Promise<boolean>;
  heldMs: () => number;
  release: () => void;
}

/**
 * Heartbeats while the publish waits. Whether the server still believes in this execution only the server can
 * tell: our own timers run on while the network is away, and stop while the process does. It is asked unless
 * the execution is younger than any time limit.
 */
function holdLease(context: Context): Lease {
  const { startToCloseTimeoutMs, heartbeatTimeoutMs = startToCloseTimeoutMs } = context.info;
  const beatMs = heartbeatTimeoutMs / HEARTBEAT_SHARE;
  const startedAtMs = Date.now();
  const timer = setInterval(() => context.heartbeat(), beatMs);
  return {
    isHeld: async () => Date.now() - startedAtMs < beatMs || (await isBelievedIn(context)),
    heldMs: () => Date.now() - startedAtMs,
    release: () => clearInterval(timer),
  };
}

/** One heartbeat by hand, because the SDK's own tells nothing of its answer. */
async function isBelievedIn({ client, info }: Context): Promise<boolean> {
  const { connection, options } = client;
  try {
    const taskToken = Buffer.from(info.base64TaskToken, 'base64');
    const beat = { namespace: options.namespace, identity: options.identity, taskToken };
    await connection.withDeadline(Date.now() + CONFIRM_LEASE_TIMEOUT_MS, () =>
      client.workflowService.recordActivityTaskHeartbeat(beat),
    );
    return true;
  } catch {
    return false;
  }
}
