/**
 * The metrics of Temporal's SDK that dashboards and alerts look at. `npm run test:observability` scrapes each of them, so that a
 * new version of the SDK cannot take one away unnoticed.
 */
export const TEMPORAL_METRICS = [
  'temporal_activity_execution_failed',
  'temporal_activity_execution_latency',
  'temporal_activity_schedule_to_start_latency',
  'temporal_num_pollers',
  'temporal_request',
  'temporal_request_failure',
  'temporal_request_latency',
  'temporal_sticky_cache_hit',
  'temporal_sticky_cache_size',
  'temporal_worker_task_slots_available',
  'temporal_worker_task_slots_used',
  'temporal_workflow_task_execution_failed',
  'temporal_workflow_task_execution_latency',
  'temporal_workflow_task_schedule_to_start_latency',
] as const;
