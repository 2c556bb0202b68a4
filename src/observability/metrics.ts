/**
 * The metrics of the listener, of connections and of what a scrape asks for, in the SDK's registry, so that one scrape has them
 * and the SDK's own. What activities and workflows measure they record themselves (activities/publish-once.ts,
 * workflows/migration/metrics.ts).
 *
 * Invariant: a counter whose labels are known is 0 from the start. Prometheus sees no increase in a series that begins with 1.
 */
import type { MetricMeter } from '@temporalio/common';
import { LOSS_CAUSES, type LossCause } from '../amqp/connection-loss.js';
import { SESSION_NAMES } from '../amqp/session.js';
import { DELIVERY_OUTCOMES, type DeliveryOutcome } from '../listener/delivery-outcomes.js';
import { ATTEMPT_OUTCOMES, DESCRIPTIONS, METRICS, MIGRATION_OUTCOMES } from '../shared/metric-names.js';
import { MIGRATION_WORKFLOW } from '../shared/names.js';
import type { Census } from './census.js';

export interface Metrics {
  /** A message of the reply queue has met its fate, so many milliseconds after its arrival. */
  reply: (fate: DeliveryOutcome, tookMs: number) => void;
  /** A request was answered twice. */
  secondReply: () => void;
  /** Deliveries taken from the queue and not yet settled. */
  held: (count: number) => void;
  /** Replies in the parked queue. */
  parked: (count: number) => void;
  /** A connection to the broker was lost, or could not be made. */
  connectionLost: (session: string, cause: LossCause) => void;
  /** A worker could not decrypt a payload. */
  unreadablePayload: () => void;
  /** Whether a part of the process can work now. */
  ready: (part: string, isReady: boolean) => void;
  census: (census: Census) => void;
}

export function createMetrics(meter: MetricMeter): Metrics {
  const replies = meter.createCounter(METRICS.replies, undefined, 'replies by fate');
  const latency = meter.createHistogram(METRICS.replyLatency, 'int', 'ms', 'reply arrived to settled');
  const doubles = meter.createCounter(METRICS.doubleReplies, undefined, DESCRIPTIONS.doubleReplies);
  const held = meter.createGauge(METRICS.heldDeliveries, 'int', undefined, 'deliveries not settled yet');
  const parked = meter.createGauge(METRICS.parkedReplies, 'int', undefined, 'replies in the parked queue');
  const losses = meter.createCounter(METRICS.connectionLosses, undefined, 'broker connections lost');
  const unreadable = meter.createCounter(
    METRICS.unreadablePayloads,
    undefined,
    'payloads that a worker could not decrypt',
  );
  const ready = meter.createGauge(METRICS.ready, 'int', undefined, '1: the part can work');
  for (const fate of DELIVERY_OUTCOMES) replies.add(0, { fate });
  for (const session of Object.values(SESSION_NAMES))
    for (const cause of LOSS_CAUSES) losses.add(0, { session, cause });
  unreadable.add(0);
  doubles.add(0);
  return {
    reply: (fate, tookMs) => {
      replies.add(1, { fate });
      latency.record(Math.max(Math.round(tookMs), 0), { fate });
    },
    secondReply: () => doubles.add(1),
    held: (count) => held.set(count),
    parked: (count) => parked.set(count),
    connectionLost: (session, cause) => losses.add(1, { session, cause }),
    unreadablePayload: () => unreadable.add(1),
    ready: (part, isReady) => ready.set(isReady ? 1 : 0, { part }),
    census: censusGauges(meter),
  };
}

function censusGauges(meter: MetricMeter): Metrics['census'] {
  const gauge = (name: string, description: string) => meter.createGauge(name, 'int', undefined, description);
  const nodes = gauge(METRICS.brokerNodes, 'nodes of the broker');
  const workers = gauge(METRICS.workers, 'workers on the task queue');
  const running = gauge(METRICS.runningMigrations, 'migrations that run');
  const left = gauge(METRICS.migrationsWithoutWorker, 'migrations that no worker can continue');
  const campaigns = gauge(METRICS.campaigns, 'campaigns that run, by state');
  const stalled = gauge(METRICS.campaignsStalled, 'campaigns that start nothing');
  const items = gauge(METRICS.campaignItems, 'items of the campaigns that run, by state');
  const waiting = gauge(METRICS.campaignWaiting, 'items that wait, by reason');
  return (census) => {
    workers.set(census.workers);
    running.set(census.runningMigrations);
    left.set(census.migrationsWithoutWorker);
    stalled.set(census.campaigns.stalled);
    for (const [state, count] of Object.entries(census.campaigns.states)) campaigns.set(count, { state });
    for (const [state, count] of Object.entries(census.campaigns.items)) items.set(count, { state });
    for (const [reason, count] of Object.entries(census.campaigns.waiting)) waiting.set(count, { reason });
    for (const [state, count] of Object.entries<number>({ ...census.brokerNodes }))
      nodes.set(count, { state });
  };
}

/** Zeros of what workflows count, with the labels that the SDK gives to the counters of a workflow. */
export function zeroWorkflowCounters(
  meter: MetricMeter,
  { namespace, taskQueue }: { namespace: string; taskQueue: string },
): void {
  const labels = { namespace, taskQueue, workflowType: MIGRATION_WORKFLOW };
  const counter = (which: keyof typeof DESCRIPTIONS) =>
    meter.createCounter(METRICS[which], undefined, DESCRIPTIONS[which]).withTags(labels);
  counter('doubleReplies').add(0);
  const [migrations, unknown] = [counter('migrations'), counter('unknownOutcomes')];
  for (const outcome of MIGRATION_OUTCOMES) {
    migrations.add(0, { outcome });
    unknown.add(0, { outcome });
  }
  const attempts = counter('attempts');
  for (const outcome of ATTEMPT_OUTCOMES) attempts.add(0, { outcome });
}
