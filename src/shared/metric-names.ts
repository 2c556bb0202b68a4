/**
 * The names of our metrics, and the values of the labels that workflow code records. Tests hold docs/operations.md to the names.
 *
 * Invariant: a label has few values, all known beforehand: no ids, no texts, nothing that a peer chooses.
 */
import { FAILURE_TYPES } from './migration/failures.js';

export const METRICS = {
  migrations: 'vnf_migrator_migrations',
  unknownOutcomes: 'vnf_migrator_unknown_outcomes',
  attempts: 'vnf_migrator_attempts',
  doubleReplies: 'vnf_migrator_double_replies',
  ackLatency: 'vnf_migrator_ack_latency',
  finalLatency: 'vnf_migrator_final_latency',
  publishLatency: 'vnf_migrator_publish_latency',
  replies: 'vnf_migrator_replies',
  replyLatency: 'vnf_migrator_reply_latency',
  heldDeliveries: 'vnf_migrator_held_deliveries',
  parkedReplies: 'vnf_migrator_parked_replies',
  connectionLosses: 'vnf_migrator_connection_losses',
  unreadablePayloads: 'vnf_migrator_unreadable_payloads',
  ready: 'vnf_migrator_ready',
  brokerNodes: 'vnf_migrator_broker_nodes',
  workers: 'vnf_migrator_workers',
  runningMigrations: 'vnf_migrator_running_migrations',
  migrationsWithoutWorker: 'vnf_migrator_migrations_without_worker',
  campaigns: 'vnf_migrator_campaigns',
  campaignsStalled: 'vnf_migrator_campaigns_stalled',
  campaignItems: 'vnf_migrator_campaign_items',
  campaignWaiting: 'vnf_migrator_campaign_waiting',
} as const;

/**
 * Of the counters of workflows, which two places record. An instrument of another description is another one to the SDK, and a
 * scrape would have each series twice.
 */
export const DESCRIPTIONS = {
  doubleReplies: 'requests that were answered twice',
  migrations: 'migrations by outcome',
  unknownOutcomes: 'migrations of which nobody knows whether they moved',
  attempts: 'requests by what came of them',
} as const;

/** The label `outcome` of `migrations`. */
export const MIGRATION_OUTCOMES = ['migrated', 'already-there', ...FAILURE_TYPES, 'cancelled'] as const;

/** The label `outcome` of `attempts`. */
export const ATTEMPT_OUTCOMES = [
  'ready',
  'failed',
  'acked',
  'busy',
  'transient',
  'permanent',
  'already-there',
  'silent',
  'not-sent',
] as const;
export type AttemptOutcome = (typeof ATTEMPT_OUTCOMES)[number];

/** Upper bounds in milliseconds, where the SDK's own end at 10 s. A migration takes minutes, a permitted final 30. */
export const HISTOGRAM_BUCKETS_MS: Record<string, number[]> = {
  [METRICS.ackLatency]: [
    10, 50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000, 30_000, 60_000, 120_000, 600_000,
  ],
  [METRICS.finalLatency]: [
    ...[100, 500, 1_000, 5_000, 10_000, 30_000, 60_000, 120_000],
    ...[300_000, 600_000, 900_000, 1_800_000, 3_600_000, 14_400_000],
  ],
  [METRICS.publishLatency]: [1, 5, 10, 25, 50, 100, 250, 500, 1_000, 5_000, 10_000, 60_000, 600_000],
  [METRICS.replyLatency]: [1, 5, 10, 25, 50, 100, 250, 500, 1_000, 5_000, 10_000, 30_000, 60_000],
};
