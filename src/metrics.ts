/**
 * Our own metrics, in the SDK's registry, so that one scrape has both.
 *
 * Every name here is in docs/operations.md; a test holds the two together.
 */
import type { MetricMeter } from '@temporalio/common';
import type { Fate } from './listener/fates.js';
import type { PublishResult } from './amqp/publisher.js';

export interface Metrics {
  /** A message of the reply queue has met its fate. */
  reply: (fate: Fate) => void;
  /** Deliveries taken from the queue and not yet settled. */
  held: (count: number) => void;
  /** From a reply's arrival to Temporal's word that it has the signal. */
  signalLatency: (ms: number) => void;
  /** A connection to the broker was lost, or could not be made. */
  connectionLost: (session: string) => void;
  /** How a publish ended, and after how long. */
  published: (outcome: { sent: PublishResult['sent']; latencyMs: number }) => void;
}

export function createMetrics(meter: MetricMeter): Metrics {
  const replies = meter.createCounter('vnf_migrator_replies', undefined, 'replies by fate');
  const held = meter.createGauge(
    'vnf_migrator_held_deliveries',
    'int',
    undefined,
    'deliveries not yet settled',
  );
  const signal = meter.createHistogram(
    'vnf_migrator_signal_latency',
    'int',
    'ms',
    'reply arrived to signal accepted',
  );
  const losses = meter.createCounter('vnf_migrator_connection_losses', undefined, 'lost broker connections');
  const publish = meter.createHistogram(
    'vnf_migrator_publish_latency',
    'int',
    'ms',
    'publish asked for to ended',
  );
  return {
    reply: (fate) => replies.add(1, { fate }),
    held: (count) => held.set(count),
    signalLatency: (ms) => signal.record(Math.max(ms, 0)),
    connectionLost: (session) => losses.add(1, { session }),
    published: ({ sent, latencyMs }) => publish.record(latencyMs, { sent }),
  };
}
