/** The names of our metrics. Tests hold docs/operations.md to them. */
export const METRICS = {
  migrations: 'vnf_migrator_migrations',
  attempts: 'vnf_migrator_attempts',
  ackLatency: 'vnf_migrator_ack_latency',
  finalLatency: 'vnf_migrator_final_latency',
  publishLatency: 'vnf_migrator_publish_latency',
  replies: 'vnf_migrator_replies',
  replyLatency: 'vnf_migrator_reply_latency',
  heldDeliveries: 'vnf_migrator_held_deliveries',
  connectionLosses: 'vnf_migrator_connection_losses',
} as const;
