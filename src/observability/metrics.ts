/**
 * The listener's and the connections' metrics, in the SDK's registry, so that one scrape has them and the
 * SDK's own. What activities and workflows measure they record themselves (activities/publish.ts,
 * workflows/migration-metrics.ts).
 */
import type { MetricMeter } from '@temporalio/common';
import type { DeliveryOutcome } from '../listener/delivery-outcomes.js';
import { METRICS } from '../shared/metric-names.js';

export interface Metrics {
  /** A message of the reply queue has met its fate, so many milliseconds after its arrival. */
  reply: (fate: DeliveryOutcome, tookMs: number) => void;
  /** Deliveries taken from the queue and not yet settled. */
  held: (count: number) => void;
  /** A connection to the broker was lost, or could not be made. */
  connectionLost: (session: string) => void;
}

export function createMetrics(meter: MetricMeter): Metrics {
  const replies = meter.createCounter(METRICS.replies, undefined, 'replies by fate');
  const latency = meter.createHistogram(METRICS.replyLatency, 'int', 'ms', 'reply arrived to settled');
  const held = meter.createGauge(METRICS.heldDeliveries, 'int', undefined, 'deliveries not settled yet');
  const losses = meter.createCounter(METRICS.connectionLosses, undefined, 'broker connections lost');
  return {
    reply: (fate, tookMs) => {
      replies.add(1, { fate });
      latency.record(Math.max(Math.round(tookMs), 0), { fate });
    },
    held: (count) => held.set(count),
    connectionLost: (session) => losses.add(1, { session }),
  };
}
